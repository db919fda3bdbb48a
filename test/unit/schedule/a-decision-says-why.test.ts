// Each decision of retention has its reasons in words, and the rules mean what they are called.
import { expect } from 'chai'
import { decideRetention, deletionOrder } from '../../../src/schedule/retention/decide.ts'
import { isEmptyPolicy, policyText, type Copy, type RetentionPolicy } from '../../../src/schedule/retention/policy.ts'
import { simulateRetention } from '../../../src/schedule/retention/simulate.ts'

const day = 86_400_000
const now = Date.parse('2026-11-21T12:00:00Z')

const copy = (id: string, at: string, more: Partial<Copy> = {}): Copy => ({
  id,
  createdAt: Date.parse(`${at}Z`),
  status: 'good',
  isVerified: false,
  isHeld: false,
  parentIds: [],
  ...more,
})

/** `id: reason; reason`, kept ones with a plus in front. */
function told(policy: RetentionPolicy, copies: readonly Copy[]): string[] {
  return decideRetention(policy, copies, now).map(
    ({ copy: { id }, action, reasons }) => `${action === 'keep' ? '+' : '-'}${id}: ${reasons.join('; ')}`,
  )
}

const week = [
  copy('sat', '2026-11-21T01:00'),
  copy('fri2', '2026-11-20T23:00'),
  copy('fri', '2026-11-20T01:00'),
  copy('mon', '2026-11-16T01:00'),
  copy('sun', '2026-11-15T01:00'),
  copy('oct', '2026-10-02T01:00'),
]

describe('a decision of retention', () => {
  it('names the rule, the period and the place in the count', () => {
    expect(told({ last: 2, daily: 3, weekly: 2, monthly: 5, within: 2 * day }, week)).to.deep.equal([
      '+sat: last 2: 1st; daily 2026-11-21 (1 of 3); weekly 2026-W47 (1 of 2); monthly 2026-11 (1 of 5); within 2d; floor: the last good one',
      '+fri2: last 2: 2nd; daily 2026-11-20 (2 of 3); within 2d',
      '+fri: within 2d',
      '+mon: daily 2026-11-16 (3 of 3)',
      '+sun: weekly 2026-W46 (2 of 2)',
      '+oct: monthly 2026-10 (2 of 5)',
    ])
  })

  it('counts no gaps: days without a backup use up nothing', () => {
    expect(told({ daily: 5 }, week).filter((line) => line.startsWith('+'))).to.have.length(5)
  })

  it('keeps the newest good ones and the last verified one whatever the rules say', () => {
    const copies = [
      copy('c', '2026-11-20T00:00'),
      copy('b', '2026-11-19T00:00'),
      copy('a', '2026-01-01T00:00', { isVerified: true }),
    ]
    expect(told({ floor: 2 }, copies)).to.deep.equal([
      '+c: floor: the last good one',
      '+b: floor: good one 2 of 2',
      '+a: floor: the last verified one',
    ])
    // Nobody may ask for none.
    expect(told({ floor: 0 }, copies)[0]).to.equal('+c: floor: the last good one')
  })

  it('keeps what failed only while nothing good came after it, and counts it for no rule', () => {
    const copies = [
      copy('running', '2026-11-21T11:00', { status: 'running' }),
      copy('late', '2026-11-21T00:00', { status: 'partial' }),
      copy('broken', '2026-11-20T12:00', { status: 'damaged' }),
      copy('good', '2026-11-20T00:00'),
      copy('early', '2026-11-19T00:00', { status: 'open' }),
      copy('half', '2026-11-18T00:00', { status: 'deleting' }),
    ]
    expect(told({ last: 5, within: 30 * day }, copies)).to.deep.equal([
      '+running: being made now',
      '+late: partial, but newer than the last good one',
      '+broken: damaged, but newer than the last good one',
      '+good: last 5: 1st; within 30d; floor: the last good one',
      '-early: open, and older than the last good one',
      '-half: its deletion had begun',
    ])
    expect(told({ last: 5 }, copies.slice(4, 5))).to.deep.equal(['+early: open, but there is no good one'])
  })

  it('keeps what is held, and what a kept one rests on, as far back as that goes', () => {
    const copies = [
      copy('c', '2026-11-20T00:00', { parentIds: ['b'], name: 'third' }),
      copy('b', '2026-11-19T00:00', { parentIds: ['a'] }),
      copy('x', '2026-11-18T00:00'),
      copy('a', '2026-11-17T00:00'),
      copy('h', '2026-11-16T00:00', { isHeld: true }),
    ]
    expect(told({ last: 1 }, copies)).to.deep.equal([
      '+c: last 1: 1st; floor: the last good one',
      '+b: parent of third',
      '-x: no rule keeps it',
      '+a: parent of b',
      '+h: held',
    ])
  })

  it('thirty nights of failing backups later the last verified copy is still there', () => {
    const nights = Array.from({ length: 30 }, (_, index) =>
      copy(`n${index}`, new Date(now - (index + 1) * day).toISOString().slice(0, 16), { status: 'partial' }),
    )
    const verified = copy('v', '2026-10-01T00:00', { isVerified: true })
    const newer = copy('g', '2026-10-02T00:00')
    expect(told({ last: 3 }, [...nights, newer, verified]).slice(-2)).to.deep.equal([
      '+g: last 3: 1st; floor: the last good one',
      '+v: last 3: 2nd; floor: the last verified one',
    ])
  })

  it('has an order in which children go before their parents, the oldest first', () => {
    const copies = [
      copy('keep', '2026-11-20T00:00'),
      copy('d', '2026-11-19T00:00', { parentIds: ['a'] }),
      copy('c', '2026-11-18T00:00', { parentIds: ['b'] }),
      copy('b', '2026-11-17T00:00', { parentIds: ['a'] }),
      copy('a', '2026-11-16T00:00'),
    ]
    const order = deletionOrder(decideRetention({ last: 1 }, copies, now)).map(({ id }) => id)
    expect(order).to.deep.equal(['c', 'b', 'd', 'a'])
  })

  it('is told of a policy in words, which is empty when it keeps nothing', () => {
    expect(policyText({ last: 3, daily: 7, within: 36 * 3_600_000, timezone: 'Europe/Berlin' })).to.equal(
      'last 3, daily 7, within 36h, floor 1, Europe/Berlin',
    )
    expect([isEmptyPolicy({ floor: 3 }), isEmptyPolicy({ last: 0 }), isEmptyPolicy({ yearly: 1 })]).to.deep.equal([
      true,
      true,
      false,
    ])
  })
})

describe('a simulation of retention', () => {
  it('keeps in the end what the policy says of such a history, and never more than it may', () => {
    const { taken, kept, counts } = simulateRetention({
      policy: { last: 2, daily: 7, weekly: 4 },
      start: Date.parse('2026-08-01T00:00:00Z'),
      every: 6 * 3_600_000,
      length: 90 * day,
      chance: () => 0.5,
    })
    expect(taken).to.have.length(360)
    expect(kept.map(({ copy: { createdAt } }) => new Date(createdAt).toISOString().slice(0, 13))).to.deep.equal([
      '2026-10-29T18',
      '2026-10-29T12',
      ...['28', '27', '26', '25', '24', '23'].map((date) => `2026-10-${date}T18`),
      '2026-10-18T18',
      '2026-10-11T18',
    ])
    expect(Math.max(...counts)).to.be.at.most(2 + 7 + 4)
    expect(taken.filter(({ isKept }) => isKept)).to.have.length(kept.length)
  })

  it('keeps the last good one through any number of failures', () => {
    let drawn = 0
    const { kept } = simulateRetention({
      policy: { last: 3 },
      start: 0,
      every: day,
      length: 40 * day,
      failureRate: 0.5,
      chance: () => (drawn++ < 10 ? 0.9 : 0.1),
    })
    expect(
      kept.filter(({ copy: { status } }) => status === 'good').map(({ copy: { createdAt } }) => createdAt / day),
    ).to.deep.equal([9, 8, 7])
    expect(kept.filter(({ copy: { status } }) => status === 'partial')).to.have.length(30)
  })

  it('refuses what would not end', () => {
    const endless = { policy: { last: 1 }, start: 0, chance: () => 0 }
    expect(() => simulateRetention({ ...endless, every: 0, length: day })).to.throw('endlessly many')
    expect(() => simulateRetention({ ...endless, every: 1, length: day })).to.throw('1 to 50000 backups')
    expect(() => simulateRetention({ ...endless, every: day, length: 1 })).to.throw('not 0')
  })
})

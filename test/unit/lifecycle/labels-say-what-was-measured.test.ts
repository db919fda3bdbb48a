// Claim: a part is worth what stood still around its cut, and its label says why it is not worth more.
import { expect } from 'chai'
import { labelOf, raised, type Stander } from '../../../src/lifecycle/standstill.ts'

const cut = { id: 'disk', from: 1000, to: 1200 }

const service = (instanceId: string, standstill: Stander['standstill']): Stander => ({
  instanceId,
  isService: true,
  gives: 'application',
  standstill,
})
const compute = (instanceId: string, standstill: Stander['standstill']): Stander => ({
  instanceId,
  isService: false,
  gives: 'filesystem',
  standstill,
})
const frozen = (from: number, to: number | null, isExpired = false): Stander['standstill'] => ({
  kind: 'frozen',
  from,
  to,
  isExpired,
})
const held = (from: number, to: number, cuts: readonly string[]): Stander['standstill'] => ({
  kind: 'frozen',
  from,
  to,
  isExpired: false,
  heldFor: new Set(cuts),
})
const still = frozen(900, 1300)

const table: readonly (readonly [string, readonly Stander[], string, string | null])[] = [
  ['nobody had anything to freeze', [], 'crash', 'nothing was frozen'],
  ['service and compute stood still', [service('db', still), compute('vm', still)], 'application', null],
  [
    'only the compute has a freeze',
    [compute('vm', still)],
    'filesystem',
    'file systems stood still, no service was told',
  ],
  [
    'the service was skipped',
    [service('db', { kind: 'skipped' }), compute('vm', still)],
    'filesystem',
    'file systems stood still, no service was told',
  ],
  [
    'one service of two was skipped',
    [service('db', { kind: 'skipped' }), service('web', still), compute('vm', still)],
    'filesystem',
    'db was not asked to stand still',
  ],
  ['the compute was skipped', [service('db', still), compute('vm', { kind: 'skipped' })], 'application', null],
  ['everybody was skipped', [service('db', { kind: 'skipped' })], 'crash', 'nothing was frozen: db was skipped'],
  [
    'the service could not be frozen',
    [service('db', { kind: 'left', reason: 'busy' }), compute('vm', still)],
    'crash',
    'db was not frozen: busy',
  ],
  [
    'a lease ended in the cut',
    [service('db', frozen(900, 1120, true))],
    'crash',
    'the lease of db ended 120 ms into the cut',
  ],
  [
    'a lease ended with the cut',
    [service('db', frozen(900, 1200, true))],
    'crash',
    'the lease of db ended 200 ms into the cut',
  ],
  ['a lease ended after the cut', [service('db', frozen(900, 1201, true))], 'application', null],
  [
    'a lease ended before the cut',
    [service('db', frozen(900, 950, true))],
    'crash',
    'the lease of db ended 50 ms before the cut',
  ],
  ['it was thawed early', [service('db', frozen(900, 1100))], 'crash', 'db was thawed 100 ms into the cut'],
  ['it was thawed with the end of the cut', [service('db', frozen(900, 1200))], 'application', null],
  ['it stands still to this day', [service('db', frozen(900, null))], 'application', null],
  ['it was frozen late', [service('db', frozen(1010, 1300))], 'crash', 'db was frozen 10 ms after the cut had begun'],
  ['it was frozen at the beginning of the cut', [service('db', frozen(1000, 1300))], 'application', null],
  [
    'two broke it',
    [service('db', frozen(900, 1100)), compute('vm', { kind: 'left', reason: 'no agent' })],
    'crash',
    'db was thawed 100 ms into the cut; vm was not frozen: no agent',
  ],
  [
    'clocks were set, but the cut was done before its thaw was called',
    [service('db', held(5000, 100, ['disk']))],
    'application',
    null,
  ],
  [
    'clocks were set, and its thaw was called before the cut was done',
    [service('db', held(900, 5000, []))],
    'crash',
    'db was thawed before the cut was through',
  ],
  [
    'its thaw was called before the cut was done',
    [service('db', held(900, 1100, []))],
    'crash',
    'db was thawed 100 ms into the cut',
  ],
  [
    'a freeze that is worth nothing',
    [{ ...compute('vm', still), gives: 'crash' }],
    'crash',
    'freezing gives no more here',
  ],
]

describe('the label of a part', () => {
  for (const [when, standers, consistency, reason] of table) {
    it(`is ${consistency} when ${when}`, () => {
      expect(labelOf(cut, standers)).to.deep.equal({ consistency, reason })
    })
  }

  it('is raised by what the provider itself saw to, and never lowered by it', () => {
    const crash = { consistency: 'crash', reason: 'nothing was frozen' } as const
    const best = { consistency: 'application', reason: null } as const
    expect(raised(crash, undefined)).to.equal(crash)
    expect(raised(crash, 'application')).to.deep.equal(best)
    expect(raised(crash, 'filesystem')).to.deep.equal({
      consistency: 'filesystem',
      reason: 'the provider saw to that itself',
    })
    expect(raised(best, 'crash')).to.equal(best)
  })
})

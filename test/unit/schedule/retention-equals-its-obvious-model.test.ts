// Random histories are decided as a slow model decides them, and keep what was promised of every decision.
// FERMATA_SEED=4711 draws others, FERMATA_RETENTION_HISTORIES=1000000 more of them.
import { expect } from 'chai'
import { decideRetention, deletionOrder } from '../../../src/schedule/retention/decide.ts'
import { isGoodCopy, type Copy, type CopyStatus, type RetentionPolicy } from '../../../src/schedule/retention/policy.ts'
import { modelKeeps } from '../../support/retention-model.ts'

const seed = Number(process.env['FERMATA_SEED'] ?? 20_261_121)
const histories = Number(process.env['FERMATA_RETENTION_HISTORIES'] ?? 100_000)
const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia'] as const
const hour = 3_600_000

/** mulberry32 by Tommy Ettinger, public domain. */
function chanceOf(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Near the turns of years, ISO weeks and clocks, and anywhere between. */
function instants(chance: () => number): readonly number[] {
  const turns = [
    '2025-12-29',
    '2026-01-01',
    '2026-03-29',
    '2026-10-25',
    '2026-12-28',
    '2027-01-01',
    '2027-01-04',
    '2011-12-30',
  ]
  const near = turns.flatMap((date) =>
    Array.from(
      { length: 60 },
      () => Date.parse(`${date}T00:00:00Z`) + Math.round((chance() - 0.5) * 6 * 24) * (hour / 2),
    ),
  )
  const start = Date.parse('2025-06-01T00:00:00Z')
  // The night in which an hour comes twice.
  const night = Array.from({ length: 60 }, (_, index) => Date.parse('2026-10-24T22:00:00Z') + index * (hour / 4))
  return [...near, ...night, ...Array.from({ length: 600 }, () => start + Math.floor(chance() * 730 * 24) * hour)]
}

interface History {
  readonly policy: RetentionPolicy
  readonly copies: readonly Copy[]
  readonly now: number
}

const statuses: readonly CopyStatus[] = [
  'good',
  'good',
  'good',
  'good',
  'good',
  'partial',
  'open',
  'damaged',
  'deleting',
  'running',
]

function historyOf(chance: () => number, pool: readonly number[]): History {
  const below = (limit: number): number => Math.floor(chance() * limit)
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item
  // Many at times of one stretch, so that periods are shared.
  const first = below(pool.length)
  const width = 1 + below(pool.length)
  const ids = Array.from({ length: below(14) }, (_, index) => `p${index}`)
  const copies = ids.map((id): Copy => {
    const status = pick(statuses)
    return {
      id,
      createdAt: pool[(first + below(width)) % pool.length] ?? 0,
      status,
      isVerified: status === 'good' && chance() < 0.2,
      isHeld: chance() < 0.08,
      parentIds: Array.from({ length: chance() < 0.3 ? 1 + below(2) : 0 }, () => pick([...ids, 'elsewhere'])),
    }
  })
  const now = Math.max(0, ...copies.map(({ createdAt }) => createdAt)) + below(48) * hour - 24 * hour
  const policy = policyOf(chance)
  // To the millisecond as old as is still kept.
  const edge = chance() < 0.1 && copies.length > 0 ? { within: Math.max(0, now - pick(copies).createdAt) } : {}
  return { policy: { ...policy, ...edge }, copies, now }
}

function policyOf(chance: () => number): RetentionPolicy {
  const count = (): number => (chance() < 0.5 ? 0 : 1 + Math.floor(chance() * 4))
  return {
    last: count(),
    hourly: count(),
    daily: count(),
    weekly: count(),
    monthly: count(),
    yearly: count(),
    within: chance() < 0.3 ? Math.floor(chance() * 20) * 24 * hour : 0,
    floor: count(),
    timezone: zones[Math.floor(chance() * zones.length)] ?? 'UTC',
  }
}

/** What is wrong with the decisions on a history; undefined when nothing is. */
function complaintOf(history: History, chance: () => number): string | undefined {
  const { policy, copies, now } = history
  const decisions = decideRetention(policy, copies, now)
  const kept = decisions.filter(({ action }) => action === 'keep').map(({ copy }) => copy)
  const ids = new Set(kept.map(({ id }) => id))
  if (decisions.length !== copies.length) return 'a copy has no decision, or two'
  if (!isSame(ids, modelKeeps(policy, copies, now)))
    return `keeps ${[...ids].join()}, the model ${[...modelKeeps(policy, copies, now)].join()}`
  if (decisions.some(({ reasons }) => reasons.length === 0)) return 'a decision has no reason'
  const good = decisions.map(({ copy }) => copy).filter(isGoodCopy)
  const floor = good.slice(0, Math.max(1, policy.floor ?? 1))
  if (!floor.every(({ id }) => ids.has(id))) return 'the floor is broken'
  const verified = good.find(({ isVerified }) => isVerified)
  if (verified && !ids.has(verified.id)) return 'the last verified one goes'
  const there = new Set(copies.map(({ id }) => id))
  if (kept.some(({ parentIds }) => parentIds.some((id) => there.has(id) && !ids.has(id))))
    return 'a parent goes before its child'
  const shuffled = copies.map((copy) => ({ copy, key: chance() })).toSorted((left, right) => left.key - right.key)
  const again = decideRetention(
    policy,
    shuffled.map(({ copy }) => copy),
    now,
  )
  if (JSON.stringify(again) !== JSON.stringify(decisions)) return 'the order of the input matters'
  if (decideRetention(policy, kept, now).some(({ action }) => action === 'delete')) return 'a second time deletes more'
  const more = moreOf(policy, chance)
  const withMore = new Set(keptIds(more, copies, now))
  if (![...ids].every((id) => withMore.has(id))) return `more rules delete more: ${JSON.stringify(more)}`
  return orderComplaint(deletionOrder(decisions))
}

function orderComplaint(order: readonly Copy[]): string | undefined {
  const position = new Map(order.map(({ id }, index) => [id, index]))
  for (const [index, copy] of order.entries()) {
    const early = copy.parentIds.find((id) => (position.get(id) ?? Infinity) < index)
    // What rests on each other in a circle has no order.
    if (early !== undefined && !restsOn(order, early, copy.id)) return 'a parent is deleted before its child'
  }
  return undefined
}

function restsOn(copies: readonly Copy[], id: string, wanted: string, seen = new Set<string>()): boolean {
  if (id === wanted) return true
  if (seen.has(id)) return false
  seen.add(id)
  return (copies.find((copy) => copy.id === id)?.parentIds ?? []).some((parent) =>
    restsOn(copies, parent, wanted, seen),
  )
}

const keptIds = (policy: RetentionPolicy, copies: readonly Copy[], now: number): string[] =>
  decideRetention(policy, copies, now).flatMap(({ copy, action }) => (action === 'keep' ? [copy.id] : []))

function moreOf(policy: RetentionPolicy, chance: () => number): RetentionPolicy {
  const rules = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly', 'floor'] as const
  const rule = rules[Math.floor(chance() * rules.length)] ?? 'last'
  return chance() < 0.15
    ? { ...policy, within: (policy.within ?? 0) + 5 * 24 * hour }
    : { ...policy, [rule]: (policy[rule] ?? 0) + 1 + Math.floor(chance() * 3) }
}

const isSame = (left: ReadonlySet<string>, right: ReadonlySet<string>): boolean =>
  left.size === right.size && [...left].every((id) => right.has(id))

describe('retention', () => {
  it(`of ${histories} random histories is what the model says, and keeps its promises`, function () {
    this.timeout(300_000)
    const chance = chanceOf(seed)
    const pool = instants(chance)
    let [kept, deleted] = [0, 0]
    for (let number = 0; number < histories; number++) {
      const history = historyOf(chance, pool)
      const complaint = complaintOf(history, chance)
      if (complaint !== undefined)
        expect.fail(`history ${number} of FERMATA_SEED=${seed}: ${complaint}\n${JSON.stringify(history)}`)
      const count = keptIds(history.policy, history.copies, history.now).length
      kept += count
      deleted += history.copies.length - count
    }
    console.log(`      seed ${seed}: ${histories} histories, ${kept} copies kept, ${deleted} deleted`)
    // Histories in which nothing happens would prove nothing.
    expect(Math.min(kept, deleted) / histories).to.be.above(1)
  })
})

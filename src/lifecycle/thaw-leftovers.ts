// Thaws what the ledger still holds as frozen, without the workflow that froze it: its process is gone, or its own thaw
// failed. Each bracket in the exact reverse of the order in which its members were frozen.
import PQueue from 'p-queue'
import { asFault, fault, type Fault } from '../kernel/fault.ts'
import type { FreezeRow } from '../store/tables.ts'
import { Freezer } from './freeze.ts'
import { dependenciesFirst, dependencyGraph, type WalkPlan } from './graph.ts'
import { Ledger, type LedgerEntry } from './ledger.ts'
import { computeType } from './operations.ts'
import { OperationRunner } from './operation-runner.ts'
import type { Site } from './site.ts'
import { walk } from './walk.ts'

/** Thaws at once at least: waiting for a turn is time that somebody stands still. */
const leastSlots = 64

/** What could not be thawed, by instance. Nobody waits for somebody else's failure. */
export async function thawLeftovers(
  site: Site,
  rows: readonly FreezeRow[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Fault>> {
  const ledger = new Ledger(site.journal, rows)
  const slots = new PQueue({ concurrency: Math.max(leastSlots, site.slots.concurrency) })
  const freezer = new Freezer(site, new OperationRunner(site), ledger, slots)
  const failures = new Map<string, Fault>()
  for (const bracket of new Set(rows.map((row) => row.bracket))) {
    const entries = ledger.of(bracket).filter((entry) => entry.thawedAt === null)
    const inputsOf = new Map(entries.map((entry) => [entry.instanceId, entry.inputs]))
    const visit = async (id: string): Promise<void> => {
      const member = site.topology.find(id)
      if (!member) throw fault('freeze.still_frozen', { details: { reason: 'the deployment has no such instance' } })
      await freezer.thaw(member, { bracket, inputs: inputsOf.get(id) ?? {}, signal })
    }
    const plan = thawPlan(entries, rankIn(site))
    const outcome = await walk(plan, visit, { window: site.window, despiteFailures: true })
    for (const [id, problem] of outcome.failures) failures.set(id, asFault(problem))
  }
  return failures
}

/**
 * Whoever was frozen before another one began to be is thawed after it; those who were frozen at the same time are thawed
 * at the same time. `rank`: who comes first among those whose places do not tell.
 */
export function thawPlan(entries: readonly LedgerEntry[], rank: (entry: LedgerEntry) => number): WalkPlan {
  const sorted = entries.toSorted(
    (left, right) =>
      right.begun - left.begun || rank(left) - rank(right) || (left.instanceId < right.instanceId ? -1 : 1),
  )
  const waitsFor = new Map(sorted.map((entry) => [entry.instanceId, 0]))
  const releases = new Map<string, string[]>()
  sorted.forEach((later, index) => {
    if (later.seen === null) return
    const { seen } = later
    // Edges lead down one sorted list: there is no way round in a circle.
    const before = sorted.slice(0, index).filter((other) => other.begun >= seen)
    waitsFor.set(later.instanceId, before.length)
    for (const other of before)
      releases.set(other.instanceId, [...(releases.get(other.instanceId) ?? []), later.instanceId])
  })
  return { waitsFor, releases }
}

// Computes first, then what others rely on: the reverse of the order in which a bracket freezes.
function rankIn(site: Site): (entry: LedgerEntry) => number {
  const { instances } = site.topology
  const place = new Map(dependenciesFirst(dependencyGraph(instances)).map((id, index) => [id, index]))
  return ({ instanceId }) => {
    const isCompute = site.topology.find(instanceId)?.node.typeHierarchy.includes(computeType) ?? false
    return (isCompute ? 0 : instances.length) + (place.get(instanceId) ?? 0)
  }
}

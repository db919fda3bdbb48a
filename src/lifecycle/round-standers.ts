// What the ledger and the journal know of everybody who had to stand still in a round.
import type { FaultRecord } from '../kernel/fault.ts'
import type { BracketScene } from './bracket-round.ts'
import type { LedgerEntry } from './ledger.ts'
import type { RoundRecord } from './round.ts'
import type { Stander, Standstill } from './standstill.ts'
import type { Instance } from './topology.ts'

/** All that do fs_prepare in the bracket and have a freeze, in its order. */
export function standersIn(scene: BracketScene, record: RoundRecord): readonly Stander[] {
  const { frame } = scene
  const entries = new Map(scene.ledger.of(record.name).map((entry) => [entry.instanceId, entry]))
  const left = record.plan?.left ?? {}
  const everyCut: ReadonlySet<string> = new Set(frame.cuts.map(({ id }) => id))
  const standstillOf = (member: Instance): Standstill => {
    const out = left[member.id]
    if (out) return out.policy === 'skip' ? { kind: 'skipped' } : { kind: 'left', reason: out.reason }
    const standstill = standstillIn(scene, record, member, entries.get(member.id))
    if (standstill.kind !== 'frozen') return standstill
    return { ...standstill, heldFor: record.cutsBefore(member.id) ?? everyCut }
  }
  const asked = frame.freezers.filter((member) => left[member.id]?.isUnasked !== true)
  return asked.map((member) => ({
    instanceId: member.id,
    isService: !frame.isCompute(member),
    gives: frame.givesOf(member),
    standstill: standstillOf(member),
  }))
}

function standstillIn(
  { site }: BracketScene,
  record: RoundRecord,
  member: Instance,
  entry: LedgerEntry | undefined,
): Standstill {
  if (!entry) return { kind: 'left', reason: 'it takes no part in this round' }
  if (entry.seenFrozenAt !== null) {
    // From the moment its thaw was called on, or its lease over, nobody knows it to stand still.
    const called = site.journal.step(`${record.name}/thaw/${member.id}`)?.started_at ?? Infinity
    const to = entry.thawedAt === null ? null : Math.min(entry.thawedAt, entry.until, called)
    return { kind: 'frozen', from: entry.seenFrozenAt, to, isExpired: entry.expired }
  }
  const text = site.journal.step(`${record.name}/freeze/${member.id}`)?.fault
  return { kind: 'left', reason: text ? (JSON.parse(text) as FaultRecord).message : 'it was never seen to be frozen' }
}

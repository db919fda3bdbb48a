// What a bracket came to, read from what its rounds left on record: parts with labels, and who stood still together.
import type { FaultRecord } from '../kernel/fault.ts'
import { isJsonObject, type Json } from '../kernel/json.ts'
import { isConsistency } from '../plugins/contract/consistency.ts'
import type { BracketOutcome, FrozenTogether, SavedPart } from '../plugins/contract/workflow.ts'
import type { BracketRound, BracketScene } from './bracket-round.ts'
import { frozenTogether } from './frozen-together.ts'
import { standersIn } from './round-standers.ts'
import { labelOf, raised, type CutWindow, type Stander } from './standstill.ts'
import type { Instance } from './topology.ts'

interface Saved {
  readonly member: Instance
  readonly round: BracketRound
  readonly window: CutWindow
}

/** `rounds`: those that were thawed and settled, in their order. What failed in the last one has failed. */
export function bracketOutcome(scene: BracketScene, rounds: readonly BracketRound[]): BracketOutcome {
  const standers = new Map(rounds.map((round) => [round, standersIn(scene, round.record)]))
  const saved = rounds.flatMap((round) => {
    const failed = round.failures
    return round.cuts.filter((member) => !failed.has(member)).map((member) => savedIn(scene, round, member))
  })
  const parts = saved.map((part) => [part.member.id, partOf(scene, part, standers.get(part.round) ?? [])] as const)
  const failures = [...(rounds.at(-1)?.failures ?? [])].map(
    ([member, problem]) => [member.id, problem.toJSON()] as const,
  )
  return {
    parts: Object.fromEntries(parts),
    failures: Object.fromEntries<FaultRecord>(failures),
    frozen: togetherOf(scene, rounds, saved, standers),
  }
}

function savedIn({ site }: BracketScene, round: BracketRound, member: Instance): Saved {
  const step = site.journal.step(`${round.name}/cut/${member.id}`)
  const from = step?.started_at ?? 0
  return { member, round, window: { id: member.id, from, to: step?.ended_at ?? from } }
}

function partOf({ frame }: BracketScene, { member, round, window }: Saved, standers: readonly Stander[]): SavedPart {
  const needed = new Set(frame.standersOf(member).map(({ id }) => id))
  const result = round.parts.resultOf(member)
  const label = labelOf(
    window,
    standers.filter(({ instanceId }) => needed.has(instanceId)),
  )
  const claim = isJsonObject(result) ? result['consistency'] : undefined
  return { result, ...raised(label, isConsistency(claim) ? claim : undefined), cutFrom: window.from, cutTo: window.to }
}

// Parts of different rounds never stood still together.
function togetherOf(
  scene: BracketScene,
  rounds: readonly BracketRound[],
  saved: readonly Saved[],
  standersOf: ReadonlyMap<BracketRound, readonly Stander[]>,
): readonly FrozenTogether[] {
  const { frame } = scene
  const roundsOf = (parts: readonly Saved[]): readonly BracketRound[] =>
    parts.length === 0 ? rounds.slice(-1) : [...new Set(parts.map(({ round }) => round))]
  const together = (group: string | null, ids: readonly string[]): FrozenTogether => {
    const inside = new Set(ids)
    const parts = saved.filter(({ member }) => inside.has(member.id))
    const own = frame.freezers.filter(({ id }) => inside.has(id))
    const needed = new Set([...own, ...parts.flatMap(({ member }) => frame.standersOf(member))].map(({ id }) => id))
    const [round, ...others] = roundsOf(parts)
    const standers = others.length > 0 || !round ? [] : (standersOf.get(round) ?? [])
    return frozenTogether(
      group,
      ids,
      standers.filter(({ instanceId }) => needed.has(instanceId)),
      parts.map(({ window }) => window),
    )
  }
  const everybody = [...new Set([...frame.freezers, ...frame.cuts].map(({ id }) => id))]
  return [together(null, everybody), ...Object.entries(frame.groups).map(([name, ids]) => together(name, ids))]
}

/** What is shown of a bracket later. What was put back has no label. */
export function reportOf({ frame }: BracketScene, { parts, failures, frozen }: BracketOutcome): Json {
  const saved = frame.options.purpose === 'save' ? Object.entries(parts) : []
  const labels = saved.map(([id, { consistency, reason }]) => [id, { consistency, reason }])
  return { parts: Object.fromEntries(labels) as Json, failures, frozen: frozen as unknown as Json } as Json
}

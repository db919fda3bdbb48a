// What failed in a round, read from what it left on record: whose freeze did not hold, and with best effort whose part
// is lost.
import { fault, faultFromRecord, type Fault, type FaultRecord } from '../kernel/fault.ts'
import type { StepRow } from '../store/tables.ts'
import type { BracketScene } from './bracket-round.ts'
import type { RoundRecord } from './round.ts'
import { standersIn } from './round-standers.ts'
import { breachOf, type Stander } from './standstill.ts'
import type { Instance } from './topology.ts'

export interface RoundView {
  readonly scene: BracketScene
  readonly record: RoundRecord
  /** Who is cut in the round. */
  readonly cuts: readonly Instance[]
}

export function stepOf({ scene, record }: RoundView, half: 'cut' | 'settle', member: Instance): StepRow | undefined {
  return scene.site.journal.step(`${record.name}/${half}/${member.id}`)
}

/** All or nothing: those whose freeze had to hold and was ended by its deadman before the last cut was done. */
export function expiredIn(view: RoundView): string | undefined {
  const { frame, ledger, site } = view.scene
  if (frame.options.isBestEffort) return undefined
  const ends = view.cuts.map((member) => stepOf(view, 'cut', member)?.ended_at ?? Infinity)
  const lastCut = Math.max(0, ...ends)
  const expired = ledger
    .of(view.record.name)
    .filter((entry) => entry.expired && (entry.thawedAt ?? 0) <= lastCut)
    .filter(({ instanceId }) => frame.ruleOf(site.topology.get(instanceId)).policy === 'require')
  return expired.length === 0 ? undefined : expired.map(({ instanceId }) => instanceId).join(', ')
}

/** With best effort a part is lost alone, also when one that had to stand still for it did not. */
export function cutFailures(view: RoundView): Map<Instance, Fault> {
  const failures = new Map<Instance, Fault>()
  if (!view.scene.frame.options.isBestEffort) return failures
  const expired = standersIn(view.scene, view.record).filter(
    ({ standstill }) => standstill.kind === 'frozen' && standstill.isExpired,
  )
  for (const member of view.cuts) {
    const step = stepOf(view, 'cut', member)
    const nodes = expired.filter((stander) => isBrokenBy(view, member, stander)).map(({ instanceId }) => instanceId)
    if (step?.state !== 'done') failures.set(member, faultOf(step) ?? fault('engine.cancelled'))
    else if (nodes.length > 0) failures.set(member, fault('freeze.expired', { details: { nodes: nodes.join(', ') } }))
  }
  return failures
}

/** With best effort: whose part could not be had, and why. */
export function partFailures(view: RoundView): ReadonlyMap<Instance, Fault> {
  const failures = cutFailures(view)
  if (!view.scene.frame.options.isBestEffort) return failures
  for (const member of view.cuts) {
    const problem = faultOf(stepOf(view, 'settle', member))
    if (problem && !failures.has(member)) failures.set(member, problem)
  }
  return failures
}

function isBrokenBy(view: RoundView, cut: Instance, stander: Stander): boolean {
  const { frame } = view.scene
  const step = stepOf(view, 'cut', cut)
  const window = { id: cut.id, from: step?.started_at ?? 0, to: step?.ended_at ?? 0 }
  const needed = frame.standersOf(cut).find(({ id }) => id === stander.instanceId)
  return needed !== undefined && frame.ruleOf(needed).policy === 'require' && breachOf(window, stander) !== undefined
}

function faultOf(step: StepRow | undefined): Fault | undefined {
  return step?.state === 'failed' && step.fault ? faultFromRecord(JSON.parse(step.fault) as FaultRecord) : undefined
}

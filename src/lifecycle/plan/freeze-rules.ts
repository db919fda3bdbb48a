// Who would be frozen in a bracket, for how long, what would thaw them without us, and what speaks against it: decided by
// the bracket's own rules.
import type { Duration } from '../../kernel/duration.ts'
import { asFault, type Fault } from '../../kernel/fault.ts'
import type { DeadmanProbe } from '../../plugins/contract/deadman.ts'
import type { BracketFrame, Tier } from '../bracket-frame.ts'
import { decideOpening } from '../bracket-opening.ts'
import { probeDeadman } from '../deadman-use.ts'
import { Ledger } from '../ledger.ts'
import { fsFinalize, fsPrepare } from '../operations.ts'
import type { LeftOut } from '../round.ts'
import type { Instance } from '../topology.ts'
import type { PlannedFreeze } from './execution-plan.ts'
import type { Planning } from './planning.ts'

export interface PlannedOpening {
  readonly lease: Duration
  readonly left: Readonly<Record<string, LeftOut>>
  readonly freezes: readonly PlannedFreeze[]
}

export async function planOpening(planning: Planning, frame: BracketFrame): Promise<PlannedOpening> {
  const { lease, left, maxima } = await decide(planning, frame)
  const freezes: PlannedFreeze[] = []
  for (const tier of frame.tiers) {
    for (const member of tier.members.filter((one) => one.does(fsPrepare) && left[one.id]?.isUnasked !== true)) {
      const isFrozen = !(member.id in left)
      const deadman = isFrozen ? await probe(planning, frame, member, tier) : notAsked
      if (isFrozen) tellRisks(planning, frame, member, deadman)
      const rule = frame.ruleOf(member)
      freezes.push({
        instance: member.id,
        node: member.node.id,
        policy: rule.policy,
        left: left[member.id]?.reason ?? null,
        deadman,
        maximum: maxima.get(member.id) ?? lease,
        predicted: planning.predictFreeze(member.node.id),
        slo: rule.slo ?? null,
      })
    }
  }
  return { lease, left, freezes }
}

const notAsked: DeadmanProbe = { kind: 'none', longestHold: null, reason: 'it is not frozen' }

interface Decision {
  readonly lease: Duration
  readonly left: Readonly<Record<string, LeftOut>>
  /** By instance: up to what the lease may be extended. */
  readonly maxima: ReadonlyMap<string, Duration>
}

/** The bracket itself ends at the first thing that cannot be; a plan names them all. */
async function decide({ site, problems }: Planning, frame: BracketFrame): Promise<Decision> {
  const ledger = new Ledger(site.journal, [])
  const opening = (members: readonly Instance[]) => decideOpening(site, frame, ledger, members)
  const warn = (warnings: readonly string[]): void => warnings.forEach((text) => problems.warning('plan.freeze', text))
  try {
    const { lease, left, holds, warnings } = await opening(frame.freezers)
    warn(warnings)
    return { lease, left, maxima: new Map([...holds].map(([id, { maximum }]) => [id, maximum])) }
  } catch (thrown) {
    const whole = asFault(thrown)
    let isExplained = false
    const left: Record<string, LeftOut> = {}
    for (const member of frame.freezers) {
      try {
        const own = await opening([member])
        Object.assign(left, own.left)
        warn(own.warnings)
      } catch (problem) {
        isExplained = true
        tell(problems, asFault(problem), member.id)
      }
    }
    if (!isExplained) tell(problems, whole, null)
    return { lease: frame.options.lease ?? site.lease, left, maxima: new Map() }
  }
}

// Who is frozen now will not be for ever, and what a dead process left is thawed before a run begins.
function tell(problems: Planning['problems'], problem: Fault, instance: string | null): void {
  if (problem.code === 'freeze.held') problems.warning('plan.frozen_now', problem.message, instance)
  else problems.error(problem, instance)
}

async function probe(
  { site, problems }: Planning,
  frame: BracketFrame,
  member: Instance,
  { inputs }: Tier,
): Promise<DeadmanProbe> {
  const { name, purpose } = frame.options
  try {
    return await probeDeadman(site, member, { inputs, signal: site.signal, bracket: { name, purpose } })
  } catch (thrown) {
    const { message } = asFault(thrown)
    problems.warning('plan.no_probe', `what would thaw ${member.id} could not be found out: ${message}`, member.id)
    return { kind: 'none', longestHold: null, reason: message }
  }
}

function tellRisks({ problems }: Planning, frame: BracketFrame, member: Instance, deadman: DeadmanProbe): void {
  const kind = frame.operationOf(member, fsPrepare)?.kind
  if (kind === 'run' && !member.does(fsFinalize))
    problems.warning('plan.no_finalize', `${member.id} is prepared, but nothing is called afterwards`, member.id)
  // What is put back while it is down needs nobody to thaw it.
  if (deadman.kind !== 'none' || deadman.isStill || frame.options.purpose === 'replace') return
  const why = deadman.reason === null ? '' : ` (${deadman.reason})`
  const text = `nothing but fermata would thaw ${member.id}${why}: when it is killed, that has to wait until it runs again`
  problems.warning('plan.no_deadman', text, member.id)
}

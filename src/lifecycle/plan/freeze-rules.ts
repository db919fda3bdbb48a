// Who would be frozen in a bracket, by what the node and the workflow ask for, and what would thaw it without us.
import { formatDuration, type Duration } from '../../kernel/duration.ts'
import { asFault, fault } from '../../kernel/fault.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { DeadmanProbe } from '../../plugins/contract/deadman.ts'
import type { BracketOptions } from '../../plugins/contract/workflow.ts'
import { probeDeadman } from '../deadman-use.ts'
import { freezeRuleOf, type FreezeRule } from '../freeze-policy.ts'
import { fsFinalize, fsPrepare } from '../operations.ts'
import type { Instance } from '../topology.ts'
import type { PlannedFreeze } from './execution-plan.ts'
import type { Planning } from './planning.ts'

export interface FreezeQuestion {
  readonly options: BracketOptions
  /** Of the tier. */
  readonly inputs: JsonObject
  readonly lease: Duration
}

/** For a member that does fs_prepare. */
export async function planFreeze(
  planning: Planning,
  member: Instance,
  question: FreezeQuestion,
): Promise<PlannedFreeze> {
  const rule = ruleOf(planning, member, question.options)
  const predicted = planning.predictFreeze(member.node.id)
  const slo = rule.slo ?? null
  const isTooSlow = slo !== null && predicted !== null && predicted > slo.limit
  const policy = isTooSlow && slo.onBreach === 'degrade' ? 'skip' : rule.policy
  const deadman = await deadmanOf(planning, member, question)
  const planned = { instance: member.id, node: member.node.id, policy, deadman, predicted, slo }
  if (isTooSlow) tellBreach(planning, member, planned)
  if (policy !== 'skip') {
    checkThaw(planning, member)
    checkDeadman(planning, member, planned, rule.isExplicit && rule.policy === 'require')
    checkLease(planning, member, planned, question.lease)
  }
  return planned
}

function ruleOf({ problems }: Planning, member: Instance, options: BracketOptions): FreezeRule {
  try {
    return freezeRuleOf(member.node, options)
  } catch (thrown) {
    problems.error(asFault(thrown), member.id)
    return { policy: 'require', isExplicit: false, slo: undefined }
  }
}

async function deadmanOf(planning: Planning, member: Instance, question: FreezeQuestion): Promise<DeadmanProbe> {
  const { site, problems } = planning
  const { name, purpose } = question.options
  try {
    return await probeDeadman(site, member, {
      inputs: question.inputs,
      signal: site.signal,
      bracket: { name, purpose },
    })
  } catch (thrown) {
    const { message } = asFault(thrown)
    problems.warning('plan.no_probe', `what would thaw ${member.id} could not be found out: ${message}`, member.id)
    return { kind: 'none', longestHold: null, reason: message }
  }
}

function checkThaw({ site, problems }: Planning, member: Instance): void {
  if (member.does(fsFinalize)) return
  const planned = member.planned.operations[fsPrepare]
  const operation = planned && site.findOperation(planned.plugin, planned.operation)
  if (operation?.kind === 'freeze')
    problems.error(unsupported(member, `freezes, but there is no ${fsFinalize} to thaw it again`), member.id)
  else problems.warning('plan.no_finalize', `${member.id} is prepared, but nothing is called afterwards`, member.id)
}

function checkDeadman(
  { site, problems }: Planning,
  member: Instance,
  { deadman }: PlannedFreeze,
  isRequired: boolean,
): void {
  if (deadman.kind !== 'none') return
  const planned = member.planned.operations[fsPrepare]
  const operation = planned && site.findOperation(planned.plugin, planned.operation)
  const why = deadman.reason === null ? '' : ` (${deadman.reason})`
  if (isRequired && operation?.kind === 'freeze')
    return problems.error(unsupported(member, `freezing is required, but it can carry no deadman${why}`), member.id)
  const text = `nothing but fermata would thaw ${member.id}${why}: when it is killed, that has to wait until it runs again`
  problems.warning('plan.no_deadman', text, member.id)
}

function checkLease({ problems }: Planning, member: Instance, { deadman }: PlannedFreeze, lease: Duration): void {
  const { longestHold } = deadman
  if (longestHold === null || lease <= longestHold) return
  const details = { node: member.node.id, longest: formatDuration(longestHold), lease: formatDuration(lease) }
  problems.error(fault('freeze.lease_too_long', { details }), member.id)
}

function tellBreach({ problems }: Planning, member: Instance, { predicted, slo }: PlannedFreeze): void {
  if (slo === null || predicted === null) return
  const [took, limit] = [formatDuration(predicted), formatDuration(slo.limit)]
  if (slo.onBreach === 'fail')
    return problems.error(
      fault('freeze.slo_predicted', { details: { node: member.node.id, predicted: took, limit } }),
      member.id,
    )
  const end = slo.onBreach === 'degrade' ? '; it is not frozen' : ''
  problems.warning('plan.slo', `${member.id} stood still for ${took} before, the limit is ${limit}${end}`, member.id)
}

function unsupported(member: Instance, reason: string): ReturnType<typeof fault> {
  return fault('plan.unsupported', { details: { node: member.node.id, operation: fsPrepare, reason } })
}

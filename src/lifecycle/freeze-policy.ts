// What is asked of a node's freeze: by the workflow for the node, by the node itself, or by the workflow for all.
import { asFault, fault } from '../kernel/fault.ts'
import { parseDuration } from '../kernel/duration.ts'
import type { NodeView } from '../plugins/contract/context.ts'
import { freezePolicies, type BracketOptions, type FreezePolicy, type FreezeSlo } from '../plugins/contract/workflow.ts'
import { suggestion } from './selection.ts'

export interface FreezeRule {
  readonly policy: FreezePolicy
  /** Somebody asked for it: it is not only the default. */
  readonly isExplicit: boolean
  readonly slo: FreezeSlo | undefined
}

type Asked = Pick<BracketOptions, 'policy' | 'policies' | 'slo'>

/** A node's properties `freeze_policy` and `freeze_slo` count before what the workflow asks of all. @throws Fault `plan.bad_property` */
export function freezeRuleOf(node: NodeView, asked: Asked): FreezeRule {
  const given = asked.policies?.[node.id] ?? ownPolicy(node) ?? asked.policy
  return { policy: given ?? 'require', isExplicit: given !== undefined, slo: sloOf(node, asked) }
}

/** @throws Fault `plan.unknown_node` */
export function checkPolicyNodes(asked: Asked, deployment: string, nodes: readonly string[]): void {
  for (const node of Object.keys(asked.policies ?? {})) {
    if (nodes.includes(node)) continue
    throw fault('plan.unknown_node', { details: { deployment, node, near: suggestion(node, nodes) } })
  }
}

function ownPolicy(node: NodeView): FreezePolicy | undefined {
  const own = node.properties['freeze_policy']
  if (own === undefined || own === null || own === '') return undefined
  const policy = freezePolicies.find((known) => known === own)
  if (policy) return policy
  throw badProperty(node, 'freeze_policy', `must be one of ${freezePolicies.join(', ')}`)
}

// What is done on a breach is the workflow's to say.
function sloOf(node: NodeView, { slo }: Asked): FreezeSlo | undefined {
  const own = node.properties['freeze_slo']
  if (own === undefined || own === null || own === '')
    return slo === undefined || slo.limit === Infinity ? undefined : slo
  try {
    return { limit: parseDuration(own as string), onBreach: slo?.onBreach ?? 'warn' }
  } catch (thrown) {
    throw badProperty(node, 'freeze_slo', asFault(thrown).message)
  }
}

function badProperty(node: NodeView, property: string, reason: string): Error {
  return fault('plan.bad_property', { details: { node: node.id, property, reason } })
}

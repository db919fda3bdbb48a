// The operation of a relationship at one of its ends, as a run calls it and as a plan foretells it: under the same key.
import type { PlannedOperation } from '../blueprint/plan.ts'
import type { RelationshipView } from '../plugins/contract/context.ts'
import type { Instance, InstanceLink, Topology } from './topology.ts'

export interface RelationshipEnd {
  readonly relationship: RelationshipView
  readonly end: 'source' | 'target'
  /** Full name. */
  readonly operation: string
}

export interface RelationshipCall {
  /** Key of the step. */
  readonly key: string
  /** At whose end it is called. */
  readonly member: Instance
  readonly operation: string
  readonly planned: PlannedOperation
  readonly relationship: { readonly type: string; readonly source: Instance; readonly target: Instance }
}

/** What stands behind it; undefined when it does nothing. */
export function relationshipOperation({ relationship, end, operation }: RelationshipEnd): PlannedOperation | undefined {
  const link = relationship as InstanceLink
  const planned = (end === 'source' ? link.sourceOperations : link.targetOperations)[operation]
  return planned && planned.plugin !== '' ? planned : undefined
}

/** Undefined when it does nothing. */
export function relationshipCall(
  topology: Topology,
  source: Instance,
  at: RelationshipEnd,
): RelationshipCall | undefined {
  const planned = relationshipOperation(at)
  if (!planned) return undefined
  const { relationship, end, operation } = at
  const target = topology.get(relationship.targetId)
  const { position } = relationship as InstanceLink
  return {
    key: `${operation}/${source.id}->${target.id}#${position}/${end}`,
    member: end === 'source' ? source : target,
    operation,
    planned,
    relationship: { type: relationship.type, source, target },
  }
}

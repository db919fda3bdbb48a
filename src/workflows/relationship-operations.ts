// The operations of an instance's relationships for one stage of its life: the source's, then the target's, in order.
import type { Member, Run } from '../plugins/contract/workflow.ts'

const relationshipLifecycle = 'cloudify.interfaces.relationship_lifecycle'

export interface RelationshipStage {
  readonly relationship: 'preconfigure' | 'postconfigure' | 'establish' | 'unlink'
  readonly before: string
  readonly after: string
}

/** Calls that are still to be made, one after the other; empty when there is nothing to do. */
export function relationshipOperations(
  run: Run,
  member: Member,
  stage: RelationshipStage['relationship'],
): readonly (() => Promise<unknown>)[] {
  const operation = `${relationshipLifecycle}.${stage}`
  const ends = ['source', 'target'] as const
  const relationships = stage === 'unlink' ? member.relationships.toReversed() : member.relationships
  return relationships.flatMap((relationship) =>
    ends
      .filter((end) => run.relationshipDoes(relationship, end, operation))
      .map((end) => () => run.executeRelationship(member, relationship, end, operation)),
  )
}

// The operation of a relationship as it would be called, on its source or on its target.
import type { Json } from '../../kernel/json.ts'
import type { RelationshipView } from '../../plugins/contract/context.ts'
import { relationshipOperation, type Instance, type InstanceLink } from '../topology.ts'
import { planCall } from './plan-call.ts'
import type { Planning } from './planning.ts'
import { unknownValue } from './unknown-value.ts'

export async function planRelationship(
  planning: Planning,
  source: Instance,
  relationship: RelationshipView,
  end: 'source' | 'target',
  operation: string,
): Promise<Json> {
  const planned = relationshipOperation(relationship, end, operation)
  if (!planned) return null
  const target = planning.site.topology.get(relationship.targetId)
  const link = relationship as InstanceLink
  await planCall(planning, {
    key: `${operation}/${source.id}->${target.id}#${link.position}/${end}`,
    name: operation.slice(operation.lastIndexOf('.') + 1),
    role: 'call',
    member: end === 'source' ? source : target,
    operation,
    planned,
    given: {},
    relationship: { source, target },
  })
  return unknownValue<Json>(`result of ${operation}`)
}

// The operation of a relationship as it would be called, on its source or on its target.
import type { Json } from '../../kernel/json.ts'
import { relationshipCall, type RelationshipEnd } from '../relationship-call.ts'
import type { Instance } from '../topology.ts'
import { planCall } from './plan-call.ts'
import type { Planning } from './planning.ts'
import { unknownValue } from './unknown-value.ts'

export async function planRelationship(planning: Planning, source: Instance, at: RelationshipEnd): Promise<Json> {
  const call = relationshipCall(planning.site.topology, source, at)
  if (!call) return null
  const { operation } = at
  const name = operation.slice(operation.lastIndexOf('.') + 1)
  await planCall(planning, { ...call, name, role: 'call', given: {} })
  return unknownValue<Json>(`result of ${operation}`)
}

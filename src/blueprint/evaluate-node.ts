// A node with its functions evaluated. What holds none stays the same object, so that nodes go on sharing it.
import type { Json, JsonObject } from '../kernel/json.ts'
import { holdsCall } from './functions/call.ts'
import type { Speaker } from './functions/function.ts'
import type { PlannedNode, PlannedOperation, PlannedRelationship } from './plan.ts'

interface Evaluator {
  value(value: Json, speaker: Speaker, path: readonly string[]): Json
}

type Operations = Readonly<Record<string, PlannedOperation>>

export function evaluateNode(node: PlannedNode, evaluator: Evaluator): PlannedNode {
  const self: Speaker = { self: node.id }
  const path = ['nodes', node.id]
  return {
    ...node,
    properties: evaluator.value(node.properties, self, [...path, 'properties']) as JsonObject,
    operations: evaluateOperations(node.operations, self, [...path, 'operations'], evaluator),
    instances: evaluator.value(node.instances as unknown as Json, self, [
      ...path,
      'capabilities',
    ]) as unknown as PlannedNode['instances'],
    relationships: node.relationships.map((relationship) =>
      evaluateRelationship(relationship, node.id, path, evaluator),
    ),
  }
}

function evaluateRelationship(
  relationship: PlannedRelationship,
  source: string,
  path: readonly string[],
  evaluator: Evaluator,
): PlannedRelationship {
  const { sourceOperations, targetOperations, target } = relationship
  const ends: Speaker = { source, target }
  const fresh = {
    sourceOperations: evaluateOperations(
      sourceOperations,
      ends,
      [...path, 'relationships', target, 'source_operations'],
      evaluator,
    ),
    targetOperations: evaluateOperations(
      targetOperations,
      ends,
      [...path, 'relationships', target, 'target_operations'],
      evaluator,
    ),
  }
  const isSame = fresh.sourceOperations === sourceOperations && fresh.targetOperations === targetOperations
  return isSame ? relationship : { ...relationship, ...fresh }
}

const plain = new WeakSet<Operations>()

function evaluateOperations(
  operations: Operations,
  speaker: Speaker,
  path: readonly string[],
  evaluator: Evaluator,
): Operations {
  if (plain.has(operations)) return operations
  const result: Record<string, PlannedOperation> = {}
  let isPlain = true
  for (const name in operations) {
    const operation = operations[name] as PlannedOperation
    if (!holdsCall(operation.inputs)) {
      result[name] = operation
      continue
    }
    isPlain = false
    const inputs = evaluator.value(operation.inputs, speaker, [...path, name, 'inputs']) as JsonObject
    result[name] = { ...operation, inputs, hasIntrinsicFunctions: holdsCall(inputs) }
  }
  if (!isPlain) return result
  plain.add(operations)
  return operations
}

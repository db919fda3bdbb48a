// get_property: a property of a node, given by name or as SELF, SOURCE, TARGET.
import type { Json } from '../../kernel/json.ts'
import { checkPath, dotted, follow, isMiss } from './arguments.ts'
import {
  EvaluationFailure,
  failed,
  type Call,
  type Evaluation,
  type InstanceAnswer,
  type IntrinsicFunction,
  type NodeAnswer,
  type Speaker,
} from './function.ts'
import { readCall } from './call.ts'

export const getProperty: IntrinsicFunction = {
  name: 'get_property',
  form: 'get_property: [node or SELF or SOURCE or TARGET, property, key, ...]',
  evaluated: 'anytime',
  check: (args) => checkPath(args, 2),
  *evaluate(args, call) {
    const [reference, ...path] = args as readonly Json[]
    const { node, speaker } = yield* nodeOf(String(reference), call)
    return yield* propertyOf(node, path, speaker, call)
  },
}

/** The node that a reference means, and who speaks in its properties. */
function* nodeOf(reference: string, call: Call): Evaluation<{ node: NodeAnswer; speaker: Speaker }> {
  const spoken = reference === 'SELF' || reference === 'SOURCE' || reference === 'TARGET'
  const id = spoken ? call.speaker[reference.toLowerCase() as keyof Speaker] : reference
  if (id === undefined) {
    throw new EvaluationFailure('blueprint.function_scope', { function: 'get_property', reference })
  }
  let nodeId = id
  if (spoken && call.stage === 'run') {
    const instance = (yield { ask: 'instance', id }) as InstanceAnswer | undefined
    if (instance === undefined) throw failed('get_property', `there is no node instance '${id}'`)
    nodeId = instance.nodeId
  }
  const node = (yield { ask: 'node', id: nodeId }) as NodeAnswer | undefined
  if (node === undefined) {
    throw new EvaluationFailure('blueprint.function_unknown_node', { function: 'get_property', node: nodeId })
  }
  return { node, speaker: call.stage === 'run' ? (spoken ? { self: id } : {}) : { self: nodeId } }
}

/** Follows the path; where it meets a function on the way, that one is evaluated first. */
function* propertyOf(node: NodeAnswer, path: readonly Json[], speaker: Speaker, call: Call): Evaluation {
  let value: Json = node.properties
  for (const [index, part] of path.entries()) {
    const found = follow(value, [part])
    const done = path.slice(0, index + 1)
    if (isMiss(found)) throw failed('get_property', `node '${node.id}', property '${dotted(done)}': ${found.reason}`)
    value = found.value
    if (readCall(value) !== undefined) {
      const evaluated: Json = yield* call.again(value, `property ${node.id}.${dotted(done)}`, speaker)
      if (readCall(evaluated) !== undefined) return evaluated
      value = evaluated
    }
  }
  return yield* call.again(value, `property ${node.id}.${dotted(path)}`, speaker)
}

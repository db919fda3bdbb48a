// get_property: a property of a node, given by name or as SELF, SOURCE, TARGET.
import type { Json } from '../../kernel/json.ts'
import { checkPath, isMiss } from './arguments.ts'
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
import { followEvaluated } from './follow-evaluated.ts'
import { spokenBy } from './spoken-by.ts'

export const getProperty: IntrinsicFunction = {
  name: 'get_property',
  form: 'get_property: [node or SELF or SOURCE or TARGET, property, key, ...]',
  evaluated: 'anytime',
  check: (args) => checkPath(args, 2),
  *evaluate(args, call) {
    const [reference, ...path] = args as readonly Json[]
    const { node, speaker } = yield* nodeOf(String(reference), call)
    const found = yield* followEvaluated(node.properties, path, `property ${node.id}`, speaker, call)
    if (isMiss(found)) throw failed('get_property', `node '${node.id}', property '${found.at}': ${found.reason}`)
    const isOwn = call.stage === 'run' || node.id === call.speaker.self
    return isOwn ? found.value : spokenBy(node.id, found.value)
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

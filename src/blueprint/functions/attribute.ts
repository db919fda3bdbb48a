// The value of an attribute of one instance: runtime property, special name, or property of its node, in this order.
import type { Json } from '../../kernel/json.ts'
import { isMiss } from './arguments.ts'
import { followEvaluated } from './follow-evaluated.ts'
import type { Call, Evaluation, InstanceAnswer, NodeAnswer } from './function.ts'

/** null when there is none. */
export function* attributeOf(instance: InstanceAnswer, path: readonly Json[], call: Call): Evaluation {
  const speaker = call.speaker.self === undefined ? call.speaker : { ...call.speaker, self: instance.id }
  const key = `attribute ${instance.id}`
  const stored = yield* followEvaluated(instance.runtimeProperties, path, key, speaker, call)
  if (!isMiss(stored) && stored.value !== null) return stored.value
  const special = specialOf(instance, path)
  if (special !== null) return special
  const node = (yield { ask: 'node', id: instance.nodeId }) as NodeAnswer | undefined
  if (node === undefined) return null
  const property = yield* followEvaluated(node.properties, path, key, speaker, call)
  return isMiss(property) ? null : property.value
}

function specialOf(instance: InstanceAnswer, path: readonly Json[]): Json {
  if (path.length !== 1) return null
  if (path[0] === 'node_instance_id') return instance.id
  return path[0] === 'node_instance_index' ? instance.index : null
}

// The value of an attribute of one instance: runtime property, special name, or property of its node, in this order.
import type { Json } from '../../kernel/json.ts'
import { dotted, follow, isMiss } from './arguments.ts'
import type { Call, Evaluation, InstanceAnswer, NodeAnswer } from './function.ts'

/** null when there is none. */
export function* attributeOf(instance: InstanceAnswer, path: readonly Json[], call: Call): Evaluation {
  let value = lookUp(instance.runtimeProperties, path) ?? special(instance, path)
  if (value === null) {
    const node = (yield { ask: 'node', id: instance.nodeId }) as NodeAnswer | undefined
    value = node === undefined ? null : lookUp(node.properties, path)
  }
  const speaker = call.speaker.self === undefined ? call.speaker : { ...call.speaker, self: instance.id }
  return yield* call.again(value, `attribute ${instance.id}.${dotted(path)}`, speaker)
}

function lookUp(properties: Json, path: readonly Json[]): Json {
  const found = follow(properties, path)
  return isMiss(found) ? null : found.value
}

function special(instance: InstanceAnswer, path: readonly Json[]): Json {
  if (path.length !== 1) return null
  if (path[0] === 'node_instance_id') return instance.id
  return path[0] === 'node_instance_index' ? instance.index : null
}

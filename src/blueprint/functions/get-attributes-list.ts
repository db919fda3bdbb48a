// get_attributes_list: one attribute of every instance of a node.
import type { Json } from '../../kernel/json.ts'
import { checkPath } from './arguments.ts'
import { attributeOf } from './attribute.ts'
import { type Call, type Evaluation, type InstanceAnswer, type IntrinsicFunction } from './function.ts'
import { instanceOf } from './instance-choice.ts'

export const getAttributesList: IntrinsicFunction = {
  name: 'get_attributes_list',
  form: 'get_attributes_list: [node or SELF or SOURCE or TARGET, attribute, key, ...]',
  evaluated: 'run',
  check: (args) => checkPath(args, 2),
  *evaluate(args, call) {
    const [reference, ...path] = args as readonly Json[]
    const values: Json[] = []
    for (const instance of yield* instancesOf(String(reference), call, 'get_attributes_list')) {
      values.push(yield* attributeOf(instance, path, call))
    }
    return values
  },
}

/** All instances of the node that a reference means. */
export function* instancesOf(
  reference: string,
  call: Call,
  functionName: string,
): Evaluation<readonly InstanceAnswer[]> {
  const isSpoken = reference === 'SELF' || reference === 'SOURCE' || reference === 'TARGET'
  const nodeId = isSpoken ? (yield* instanceOf(reference, call, functionName)).nodeId : reference
  return (yield { ask: 'instances', nodeId }) as readonly InstanceAnswer[]
}

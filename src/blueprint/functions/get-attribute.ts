// get_attribute: what an instance knows at run time.
import type { Json } from '../../kernel/json.ts'
import { checkPath } from './arguments.ts'
import { attributeOf } from './attribute.ts'
import { EvaluationFailure, type InstanceAnswer, type IntrinsicFunction } from './function.ts'
import { instanceOf } from './instance-choice.ts'

export const getAttribute: IntrinsicFunction = {
  name: 'get_attribute',
  form: 'get_attribute: [node or SELF or SOURCE or TARGET, attribute, key, ...]',
  evaluated: 'run',
  check: (args) => checkPath(args, 2),
  *evaluate(args, call) {
    const [reference, ...path] = args as readonly Json[]
    let instance: InstanceAnswer
    try {
      instance = yield* instanceOf(String(reference), call, 'get_attribute')
    } catch (thrown) {
      if (!call.forgives || !(thrown instanceof EvaluationFailure)) throw thrown
      return `<ERROR: ${String(thrown.details['reason'] ?? thrown.code)}>`
    }
    return yield* attributeOf(instance, path, call)
  },
}

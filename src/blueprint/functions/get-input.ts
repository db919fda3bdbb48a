// get_input: an input of the deployment, or a part of it.
import type { Json } from '../../kernel/json.ts'
import { asList, checkNameOrPath, follow, isMiss } from './arguments.ts'
import { EvaluationFailure, failed, type IntrinsicFunction } from './function.ts'

export const getInput: IntrinsicFunction = {
  name: 'get_input',
  form: 'get_input: name or get_input: [name, key, ...]',
  evaluated: 'anytime',
  check: checkNameOrPath,
  *evaluate(args, call) {
    const [name, ...path] = asList(args)
    const answer = (yield { ask: 'input', name: String(name) }) as Json | undefined
    if (answer === undefined) throw new EvaluationFailure('blueprint.function_unknown_input', { input: String(name) })
    const value = yield* call.again(answer, `input ${String(name)}`)
    const found = follow(value, path)
    if (isMiss(found)) throw failed('get_input', `'${String(name)}.${found.at}': ${found.reason}`)
    return found.value
  },
}

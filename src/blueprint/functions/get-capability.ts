// get_capability: a capability of another deployment.
import type { Json } from '../../kernel/json.ts'
import { checkPath } from './arguments.ts'
import { failed, type IntrinsicFunction } from './function.ts'

export const getCapability: IntrinsicFunction = {
  name: 'get_capability',
  form: 'get_capability: [deployment, capability, key, ...]',
  evaluated: 'run',
  check: (args) => checkPath(args, 2),
  *evaluate(args) {
    const [deployment, ...path] = args as readonly Json[]
    const value = (yield { ask: 'capability', deployment: String(deployment), path }) as Json | undefined
    if (value === undefined)
      throw failed('get_capability', `deployment '${String(deployment)}' has no capability '${path.join('.')}'`)
    return value
  },
}

// get_environment_capability: a capability of the environment this deployment runs in.
import type { Json } from '../../kernel/json.ts'
import { asList, checkNameOrPath } from './arguments.ts'
import { failed, type IntrinsicFunction } from './function.ts'

export const getEnvironmentCapability: IntrinsicFunction = {
  name: 'get_environment_capability',
  form: 'get_environment_capability: capability or [capability, key, ...]',
  evaluated: 'run',
  check: checkNameOrPath,
  *evaluate(args) {
    const path = asList(args)
    const value = (yield { ask: 'environment_capability', path }) as Json | undefined
    if (value === undefined)
      throw failed('get_environment_capability', `the environment has no capability '${path.join('.')}'`)
    return value
  },
}

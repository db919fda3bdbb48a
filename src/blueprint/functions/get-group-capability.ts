// get_group_capability: a capability of all deployments of a deployment group.
import type { Json } from '../../kernel/json.ts'
import { describeValue } from '../elements/shape.ts'
import { failed, type IntrinsicFunction } from './function.ts'

export const getGroupCapability: IntrinsicFunction = {
  name: 'get_group_capability',
  form: 'get_group_capability: [group, capability or [capability, ...], key, ...]',
  evaluated: 'run',
  check(args) {
    if (!Array.isArray(args)) return `it needs a list, this is ${describeValue(args)}`
    return args.length < 2 ? `it needs at least 2 entries, this has ${args.length}` : undefined
  },
  *evaluate(args) {
    const [group, ...path] = args as readonly Json[]
    const value = (yield { ask: 'group_capability', group: String(group), path }) as Json | undefined
    if (value === undefined)
      throw failed('get_group_capability', `group '${String(group)}' has no capability '${path.join('.')}'`)
    return value
  },
}

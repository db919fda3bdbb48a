// get_sys: facts of the system the deployment lives in.
import type { Json } from '../../kernel/json.ts'
import { isCall } from './call.ts'
import { failed, type IntrinsicFunction } from './function.ts'

const entities: Readonly<Record<string, readonly string[]>> = {
  tenant: ['name'],
  deployment: ['id', 'name', 'blueprint', 'owner'],
}

export const getSys: IntrinsicFunction = {
  name: 'get_sys',
  form: 'get_sys: [tenant, name] or get_sys: [deployment, id or name or blueprint or owner]',
  evaluated: 'run',
  check(args) {
    if (!Array.isArray(args) || args.length !== 2) return 'it needs a list of exactly two'
    const [entity, property] = args as readonly Json[]
    if (isCall(entity)) return undefined
    const known = typeof entity === 'string' && Object.hasOwn(entities, entity) ? entities[entity] : undefined
    if (known === undefined) return `'${String(entity)}' is neither tenant nor deployment`
    if (isCall(property) || known.includes(String(property))) return undefined
    return `a ${String(entity)} has no '${String(property)}', only ${known.join(', ')}`
  },
  *evaluate(args) {
    const [entity, property] = (args as readonly Json[]).map(String) as [string, string]
    const value = (yield { ask: 'sys', entity, property }) as Json | undefined
    if (value === undefined) throw failed('get_sys', `${entity} ${property} is not known here`)
    return value
  },
}

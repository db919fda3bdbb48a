// get_consumers: which deployments build on this one.
import type { Json } from '../../kernel/json.ts'
import { isCall } from './call.ts'
import { failed, type IntrinsicFunction } from './function.ts'

export const getConsumers: IntrinsicFunction = {
  name: 'get_consumers',
  form: 'get_consumers: ids or names or count',
  evaluated: 'run',
  check(args) {
    return isCall(args) || ['ids', 'names', 'count'].includes(String(args)) ? undefined : 'it needs ids, names or count'
  },
  *evaluate(args) {
    const value = (yield { ask: 'consumers', what: String(args) }) as Json | undefined
    if (value === undefined) throw failed('get_consumers', 'consumers are not known here')
    return value
  },
}

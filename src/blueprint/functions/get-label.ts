// get_label: the values of a label of the deployment, or one of them.
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { describeValue } from '../elements/shape.ts'
import { asList } from './arguments.ts'
import { failed, type IntrinsicFunction } from './function.ts'

export const getLabel: IntrinsicFunction = {
  name: 'get_label',
  form: 'get_label: key or get_label: [key, index]',
  evaluated: 'run',
  check(args) {
    const [key, index, ...more] = asList(args)
    if (typeof key !== 'string' && !isJsonObject(key))
      return `the key must be text or a function, not ${describeValue(key ?? null)}`
    if (index !== undefined && !Number.isInteger(index) && !isJsonObject(index)) {
      return `the index must be a whole number or a function, not ${describeValue(index)}`
    }
    return more.length > 0 || (Array.isArray(args) && args.length !== 2)
      ? 'it needs a key, or a list of key and index'
      : undefined
  },
  *evaluate(args) {
    const [key, index] = asList(args)
    const values = (yield { ask: 'label', key: String(key) }) as Json | undefined
    if (!Array.isArray(values)) throw failed('get_label', `the deployment has no label '${String(key)}'`)
    if (index === undefined) return values
    const value = (values as readonly Json[])[Number(index)]
    if (value === undefined) throw failed('get_label', `label '${String(key)}' has only ${values.length} values`)
    return value
  },
}

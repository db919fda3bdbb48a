// get_attributes_dict: several attributes of every instance of a node, by instance id.
import type { Json } from '../../kernel/json.ts'
import { asList, dotted, isPathPart } from './arguments.ts'
import { attributeOf } from './attribute.ts'
import { failed, type IntrinsicFunction } from './function.ts'
import { instancesOf } from './get-attributes-list.ts'

const name = 'get_attributes_dict'

export const getAttributesDict: IntrinsicFunction = {
  name,
  form: 'get_attributes_dict: [node or SELF or SOURCE or TARGET, attribute or [attribute, key, ...], ...]',
  evaluated: 'run',
  check(args) {
    if (!Array.isArray(args) || args.length < 2) return 'it needs a list of at least two'
    const isGood = (part: Json): boolean => asList(part).length > 0 && asList(part).every(isPathPart)
    return (args as readonly Json[]).every(isGood)
      ? undefined
      : 'each attribute is text, or a list of text and whole numbers'
  },
  *evaluate(args, call) {
    const [reference, ...wanted] = args as readonly Json[]
    const paths = wanted.map(asList)
    const repeated = paths.map(dotted).filter((path, index, all) => all.indexOf(path) !== index)
    if (repeated.length > 0) throw failed(name, `these attributes are asked for twice: ${repeated.join(', ')}`)
    const result: Record<string, Json> = {}
    for (const instance of yield* instancesOf(String(reference), call, name)) {
      const values: Record<string, Json> = {}
      for (const path of paths) values[dotted(path)] = yield* attributeOf(instance, path, call)
      result[instance.id] = values
    }
    return result
  },
}

// Builds JSON schemas with the types of typebox and without its code: to load its three hundred modules takes longer than
// most commands take to run. Authors of plugins get typebox itself; what is made here is the same, and a test compares.
import type { TSchema, Type as TypeBox } from 'typebox'

const builders = [
  'Array',
  'Boolean',
  'Enum',
  'Integer',
  'Null',
  'Number',
  'Object',
  'Optional',
  'Record',
  'String',
  'Union',
  'Unknown',
  'Unsafe',
] as const
type Built = Readonly<Record<(typeof builders)[number], (...given: never[]) => object>>

/** As in typebox: a mark that is no part of the schema. */
const optional = '~optional'

const plain =
  (type: string) =>
  (options: object = {}): object => ({ type, ...options })

const built: Built = {
  Array: (items: TSchema, options: object = {}) => ({ type: 'array', items, ...options }),
  Boolean: plain('boolean'),
  Enum: (values: readonly unknown[], options: object = {}) => ({ enum: [...values], ...options }),
  Integer: plain('integer'),
  Null: plain('null'),
  Number: plain('number'),
  Object(properties: Readonly<Record<string, TSchema>>, options: object = {}) {
    const required = Object.keys(properties).filter((name) => !(optional in (properties[name] ?? {})))
    return { type: 'object', ...(required.length === 0 ? {} : { required }), properties, ...options }
  },
  Optional: (schema: TSchema) => Object.defineProperty({ ...schema }, optional, { value: true }),
  Record: (_names: TSchema, values: TSchema, options: object = {}) => ({
    type: 'object',
    patternProperties: { '^.*$': values },
    ...options,
  }),
  String: plain('string'),
  Union: (anyOf: readonly TSchema[], options: object = {}) => ({ anyOf, ...options }),
  Unknown: (options: object = {}) => ({ ...options }),
  Unsafe: (schema: object) => ({ ...schema }),
}

export const Type = built as unknown as Pick<typeof TypeBox, (typeof builders)[number]>

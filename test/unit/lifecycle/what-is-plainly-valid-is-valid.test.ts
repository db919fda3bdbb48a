import { Ajv } from 'ajv'
import { expect } from 'chai'
import type { TSchema } from 'typebox'
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import { Type } from '../../../src/kernel/schema.ts'
import { isPlainlyValid } from '../../../src/lifecycle/plainly-valid.ts'
import { fleetRunOperation } from '../../../src/plugins/ssh/fleet/run.ts'
import { fleetParameters } from '../../../src/workflows/run-on-hosts-parameters.ts'

const text = Type.String()
const schemas: Readonly<Record<string, TSchema>> = {
  fleet: fleetRunOperation.inputs ?? text,
  parameters: fleetParameters,
  closed: Type.Object(
    { a: text, b: Type.Optional(Type.Integer({ minimum: 0, maximum: 3 })) },
    { additionalProperties: false },
  ),
  open: Type.Object(
    { a: Type.Union([text, Type.Null()]), b: Type.Optional(Type.Unknown()) },
    { additionalProperties: true },
  ),
  filled: Type.Object({
    a: Type.Optional(Type.Boolean({ default: false })),
    b: Type.Optional(Type.Integer({ default: 1 })),
  }),
  nested: Type.Object({ a: Type.Array(Type.Record(text, Type.Number({ exclusiveMinimum: 0 })), { minItems: 1 }) }),
  chosen: Type.Object({ a: Type.Enum(['x', 'y']), b: Type.Unsafe<'z'>({ enum: ['z'], default: 'z' }) }),
  strange: Type.Object({ a: Type.String({ pattern: '^x$' }), b: Type.Optional(Type.String({ minLength: 2 })) }),
  patterned: Type.Unsafe<object>({ type: 'object', patternProperties: { '^x': { type: 'string' } } }),
  guarded: Type.Unsafe<object>({ type: 'object', additionalProperties: { type: 'string' } }),
  several: Type.Unsafe<object>({ type: ['object', 'null'] }),
}

const atoms: readonly Json[] = [null, true, false, 0, 1, -1, 4, 0.5, '', 'x', 'y', 'z', 'xx', [], {}]
const values: readonly Json[] = [
  ...atoms,
  ...atoms.flatMap((one) => [[one], { x: one }, { n: one, m: 1 }, [{ x: one }], [['a'], one]]),
]

/** Objects with the names of the schema, and one that it does not know, each with every value. */
function candidates(schema: TSchema): readonly Json[] {
  const names = Object.keys((schema as { properties?: object }).properties ?? { a: 0, b: 0 })
  const good: JsonObject = Object.fromEntries(names.map((name) => [name, name === 'commands' ? ['true'] : null]))
  const right = goodValue(schema)
  const changed = [...names, 'unknown'].flatMap((name) =>
    values.flatMap((value) => [{ ...right, [name]: value }, { ...good, [name]: value }, { [name]: value }]),
  )
  const without = names.map((name) => Object.fromEntries(Object.entries(right).filter(([own]) => own !== name)))
  return [...values, right, ...changed, ...without]
}

/** For each name the first value that its own schema takes. */
function goodValue(schema: TSchema): JsonObject {
  const properties = Object.entries((schema as { properties?: Record<string, TSchema> }).properties ?? {})
  const ajv = new Ajv({ strict: false })
  return Object.fromEntries(
    properties.map(([name, one]) => {
      const check = ajv.compile(one)
      return [name, values.find((value) => check(value)) ?? null]
    }),
  )
}

describe('what is plainly valid is valid', () => {
  for (const [name, schema] of Object.entries(schemas)) {
    it(`as the validator says, which would change nothing: ${name}`, () => {
      const check = new Ajv({ useDefaults: true, strict: false }).compile(schema)
      for (const value of candidates(schema)) {
        if (!isPlainlyValid(schema as unknown as Record<string, unknown>, value)) continue
        const copy = structuredClone(value)
        expect(check(copy), JSON.stringify(value)).to.equal(true)
        expect(copy).to.deep.equal(value)
      }
    })
  }

  for (const name of ['fleet', 'parameters', 'closed', 'open', 'filled', 'nested', 'chosen']) {
    it(`and nothing that is valid and whole needs the validator: ${name}`, () => {
      const schema = schemas[name] ?? text
      const check = new Ajv({ useDefaults: true, strict: false }).compile(schema)
      const seen = candidates(schema).filter((value) => {
        const copy = structuredClone(value)
        return check(copy) && JSON.stringify(copy) === JSON.stringify(value)
      })
      expect(seen).to.not.equal([])
      for (const value of seen)
        expect(isPlainlyValid(schema as unknown as Record<string, unknown>, value), JSON.stringify(value)).to.equal(
          true,
        )
    })
  }
})

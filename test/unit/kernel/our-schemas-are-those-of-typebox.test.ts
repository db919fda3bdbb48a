import { expect } from 'chai'
import { Type as TypeBox } from 'typebox'
import { Type } from '../../../src/kernel/schema.ts'

type Builder = typeof Type

/** The same text for both builders: their types are the same, too. */
function schemas(from: Builder): Readonly<Record<string, unknown>> {
  const text = from.String({ minLength: 1, description: 'a text' })
  const flag = from.Boolean({ default: false })
  return {
    text,
    flag,
    bare: [from.String(), from.Boolean(), from.Integer(), from.Number(), from.Null(), from.Unknown()],
    numbers: [from.Integer({ minimum: 1 }), from.Number({ exclusiveMinimum: 0 }), from.Null({ default: null })],
    list: [from.Array(text), from.Array(text, { minItems: 1 })],
    choice: [from.Union([text, flag]), from.Union([from.Null(), flag], { default: null })],
    words: [from.Enum(['a', 'b']), from.Enum(['a'], { default: 'a' })],
    own: from.Unsafe<'x'>({ enum: ['x'], default: 'x' }),
    anything: from.Unknown({ description: 'whatever' }),
    map: [from.Record(from.String(), flag), from.Record(from.String(), from.Unknown(), { default: {} })],
    none: from.Object({}, { additionalProperties: false }),
    optional: from.Object({ a: from.Optional(text), b: from.Optional(from.Union([text, from.Null()])) }),
    mixed: from.Object({ a: text, b: from.Optional(flag), c: from.Object({ d: from.Unknown() }) }, { title: 'it' }),
  }
}

describe('our schemas are those of typebox', () => {
  it('as JSON', () => {
    expect(JSON.parse(JSON.stringify(schemas(Type)))).to.deep.equal(JSON.parse(JSON.stringify(schemas(TypeBox))))
  })

  it('with the keywords in the same order, which is that of the reference', () => {
    const order = (from: Builder): string => JSON.stringify(schemas(from)['mixed'])
    expect(order(Type)).to.equal(order(TypeBox))
  })

  it('an optional one is taken as such by the other', () => {
    const ours = TypeBox.Object({ a: Type.Optional(Type.String()), b: Type.String() })
    const theirs = Type.Object({ a: TypeBox.Optional(TypeBox.String()), b: TypeBox.String() })
    expect([ours.required, theirs.required]).to.deep.equal([['b'], ['b']])
  })
})

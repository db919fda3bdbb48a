import { expect } from 'chai'
import type { Json } from '../../../../src/kernel/json.ts'
import { asJson, isUnknown, unknownValue } from '../../../../src/lifecycle/plan/unknown-value.ts'

interface Answer {
  readonly name: string
  readonly list: readonly { readonly id: string }[]
  readonly count: number
  read(): Promise<{ readonly state: string }>
}

const words = "<result of step 'find': not known before it runs>"

describe('a value that is not known before a run', () => {
  const value = unknownValue<Answer>("result of step 'find'")

  it('can be awaited, called and read from', async () => {
    expect(isUnknown(await Promise.resolve(value))).to.equal(true)
    expect(isUnknown((await value.read()).state)).to.equal(true)
    expect(isUnknown(value.name.trim().toUpperCase())).to.equal(true)
  })

  it('says in texts and in JSON what it is', () => {
    expect(`${value as unknown as string}`).to.equal(words)
    expect(`${value.name}!`).to.equal("<result of step 'find', name: not known before it runs>!")
    expect(JSON.stringify({ value })).to.equal(JSON.stringify({ value: words }))
  })

  it('has no members to go through', () => {
    expect([...value.list]).to.deep.equal([])
    const ids: string[] = []
    for (const { id } of value.list) ids.push(id)
    for (let at = 0; at < value.count; at++) ids.push(String(at))
    expect(ids).to.deep.equal([])
  })

  it('taints what is made of it, and nothing else', () => {
    expect(isUnknown({ inputs: ['fine', { name: value.name }] })).to.equal(true)
    expect(isUnknown(`snapshot of ${value.name}`)).to.equal(true)
    expect(isUnknown({ inputs: ['fine', 3, null, true, undefined] })).to.equal(false)
    expect(isUnknown(() => value)).to.equal(false)
  })

  it('becomes text in inputs', () => {
    const inputs = { name: value.name, size: 3, deep: [{ value }] } as unknown as Json
    expect(asJson(inputs)).to.deep.equal({
      name: "<result of step 'find', name: not known before it runs>",
      size: 3,
      deep: [{ value: words }],
    })
    const plain = { size: 3 }
    expect(asJson(plain)).to.equal(plain)
  })
})

// What we make bears the key of the operation that makes it: an answer that was lost is found by it, and nothing is made twice.
import { expect } from 'chai'
import { fault } from '../../../../src/kernel/fault.ts'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import {
  findMarked,
  isMarked,
  markFor,
  markNames,
  markOf,
  onceMarked,
  tagOf,
} from '../../../../src/plugins/openstack/mark.ts'
import { operationContext } from '../../../../src/testing/operation-context.ts'

interface Thing {
  readonly id: string
  readonly metadata: JsonObject | null
}

async function* listed(things: readonly Thing[]): AsyncIterable<Thing> {
  yield* things
}

describe('OpenStack: a mark', () => {
  it('fits every cloud, however long the key', () => {
    const key = `execution-1/${'x'.repeat(400)}/ünï code`
    const mark = markFor(key, { node: 'n'.repeat(300), backup: 'nightly' })
    for (const text of [...Object.keys(mark), ...Object.values(mark)]) expect(text.length).to.be.at.most(255)
    expect(mark[markNames.key]).to.match(/^[0-9a-f]{40}$/)
    expect(tagOf(key)).to.match(/^fermata-[0-9a-f]{40}$/)
    expect(tagOf(key).length).to.be.below(60)
    expect(isMarked({ ...mark }, key)).to.equal(true)
    expect(isMarked({ ...mark }, `${key}.`)).to.equal(false)
    expect(isMarked(null, key)).to.equal(false)
    expect(isMarked({}, key)).to.equal(false)
  })

  it('tells people whose it is', () => {
    const ctx = operationContext({ deployment: 'shop', instance: { id: 'web_abc' } })
    expect(markOf(ctx, 'nightly')).to.deep.include({ fermata_node: 'shop/web_abc', fermata_backup: 'nightly' })
    expect(markOf(ctx)).to.have.all.keys('fermata_key', 'fermata_node')
  })

  for (const { what, operation } of [
    { what: 'an answer that is lost', operation: {} },
    { what: 'another attempt', operation: { attempt: 2 } },
    { what: 'an attempt in doubt', operation: { inDoubt: true } },
  ]) {
    it(`keeps ${what} from making a second one`, async () => {
      const ctx = operationContext({ operation })
      const things: Thing[] = [{ id: 'other', metadata: null }]
      const thing = {
        list: () => listed(things),
        metadataOf: ({ metadata }: Thing) => metadata,
        async create(mark: JsonObject): Promise<Thing> {
          things.push({ id: `made-${things.length}`, metadata: mark })
          throw fault('openstack.connection_lost', { details: { call: 'POST', reason: 'gone' }, effect: 'unknown' })
        },
      }
      expect(await onceMarked(ctx, thing)).to.include({ id: 'made-1' })
      expect(await onceMarked({ ...ctx, ...operationContext({ operation: { inDoubt: true } }) }, thing)).to.include({
        id: 'made-1',
      })
      expect(things).to.have.lengthOf(2)
    })
  }

  it('tells apart the things that one operation makes', async () => {
    const ctx = operationContext({ operation: { inDoubt: true } })
    const things: Thing[] = []
    const make = (part?: string): Promise<Thing> =>
      onceMarked(ctx, {
        ...(part === undefined ? {} : { part }),
        list: () => listed(things),
        metadataOf: ({ metadata }: Thing) => metadata,
        async create(mark) {
          const made = { id: String(things.length), metadata: { ...mark } }
          things.push(made)
          return made
        },
      })
    for (const part of [undefined, 'vol-1', 'vol-2', 'vol-1', undefined, 'vol-2']) await make(part)
    expect(things).to.have.lengthOf(3)
    expect(await findMarked(listed(things), `${ctx.operation.key}#vol-2`, ({ metadata }) => metadata)).to.equal(
      things[2],
    )
  })
})

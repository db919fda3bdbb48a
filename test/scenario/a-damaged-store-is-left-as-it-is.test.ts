// Claim: a damaged store is recognised and named, and not one byte of it is changed.
import { expect } from 'chai'
import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { blueprintPath, openCliSite, type CliSite } from '../support/cli.ts'
import { expectRefusal } from '../support/refusal.ts'

describe('a damaged store', () => {
  let cli: CliSite
  let store: string
  let whole: Buffer

  before(async () => {
    cli = await openCliSite()
    store = join(cli.home, 'fermata.db')
    await cli.ok('blueprints', 'upload', '-b', 'kept', blueprintPath('two-tier'))
    whole = await readFile(store)
  })
  after(() => cli.close())
  afterEach(async () => {
    for (const ending of ['-wal', '-shm']) await rm(`${store}${ending}`, { force: true })
    await writeFile(store, whole)
  })

  const damages: Readonly<Record<string, () => Promise<void>>> = {
    'that is garbage': () => writeFile(store, 'this is no store '.repeat(1000)),
    'that was cut off in the middle': () => truncate(store, Math.floor(whole.length / 2 / 4096) * 4096),
    'that was cut off in its header': () => truncate(store, 60),
    'whose pages were overwritten': () => writeFile(store, overwritten(whole)),
  }

  for (const [name, damage] of Object.entries(damages)) {
    it(name, async () => {
      await damage()
      const before = await readFile(store)
      const reading = await cli.run('blueprints', 'list')
      const writing = await cli.run('blueprints', 'upload', '-b', 'more', blueprintPath('hello-suspend'))
      for (const result of [reading, writing]) {
        expectRefusal(result, { code: 4, says: [store, 'store.corrupt', 'damaged'], hint: 'move it aside' })
      }
      expect((await readFile(store)).equals(before)).to.equal(true)
    })
  }

  it('put back from a copy, is as it was', async () => {
    expect((await cli.json<{ id: string }[]>('blueprints', 'list')).map(({ id }) => id)).to.deep.equal(['kept'])
  })

  it('that a newer fermata has written is left alone, too', async () => {
    const newer = Buffer.from(whole)
    // user_version stands at byte 60 of the header.
    newer.writeUInt32BE(4711, 60)
    await writeFile(store, newer)
    expectRefusal(await cli.run('status'), { code: 4, says: ['4711', 'store.newer'], hint: 'use that version' })
  })
})

/** Everything but the first page, which holds the header and the schema. */
function overwritten(store: Buffer): Buffer {
  const damaged = Buffer.from(store)
  damaged.fill(0xa5, 4096)
  return damaged
}

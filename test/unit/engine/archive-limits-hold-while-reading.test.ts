// What is too large is refused while it is read, so that no archive can fill the memory first.
import { expect } from 'chai'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readLimits, type ReadLimits } from '../../../src/engine/archive/limits.ts'
import { readBlueprintSource } from '../../../src/engine/blueprint-files.ts'
import { Fault } from '../../../src/kernel/fault.ts'
import { tarBytes, zipBytes } from '../../support/archives.ts'

const main = { name: 'blueprint.yaml', content: 'a: 1\n' }
const noise = Buffer.from(Array.from({ length: 4000 }, (_unused, index) => (index * index * 31) % 251))

describe('limits hold while reading', () => {
  let folder = ''
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'fermata-limits-'))))
  afterEach(() => rm(folder, { recursive: true }))

  const read = async (name: string, bytes: Buffer, limits: Partial<ReadLimits> = {}): Promise<unknown> => {
    const path = join(folder, name)
    await writeFile(path, bytes)
    return readBlueprintSource({ path }, { ...readLimits, ...limits }).catch((error: unknown) => error)
  }

  const forms: Readonly<Record<string, (entries: { name: string; content: string | Buffer }[]) => Buffer>> = {
    'x.tar': tarBytes,
    'x.tar.gz': (entries) => gzipSync(tarBytes(entries)),
    'x.zip': zipBytes,
  }

  for (const [name, pack] of Object.entries(forms)) {
    const expectTooLarge = async (
      entries: { name: string; content: string | Buffer }[],
      limits: Partial<ReadLimits>,
      words: string,
    ): Promise<void> => {
      const outcome = await read(name, pack([main, ...entries]), limits)
      expect(outcome).to.be.instanceOf(Fault)
      expect((outcome as Fault).code).to.equal('archive.too_large')
      expect((outcome as Fault).message).to.contain(words)
    }

    it(`${name}: one file`, () => expectTooLarge([{ name: 'a', content: noise }], { fileBytes: 3999 }, 'in one file'))
    it(`${name}: all files together`, () =>
      expectTooLarge(
        [
          { name: 'a', content: noise },
          { name: 'b', content: noise },
        ],
        { totalBytes: 7000 },
        'in all',
      ))
    it(`${name}: the count of entries`, () =>
      expectTooLarge(
        Array.from({ length: 5 }, (_unused, index) => ({ name: `f${index}`, content: '' })),
        { entries: 5 },
        '5 files and folders',
      ))
    it(`${name}: files that are left out count too`, () =>
      expectTooLarge([{ name: 'node_modules/a', content: noise }], { totalBytes: 3000 }, 'in all'))
    it(`${name}: just within the limits is taken`, async () => {
      const outcome = await read(name, pack([main, { name: 'a', content: noise }]), { fileBytes: 4000, entries: 2 })
      expect(outcome).not.to.be.instanceOf(Error)
    })
  }

  it('a bomb is refused by its ratio: zip', async () => {
    const outcome = await read('x.zip', zipBytes([main, { name: 'zeros', content: Buffer.alloc(3_000_000) }]))
    expect((outcome as Fault).code).to.equal('archive.too_large')
    expect((outcome as Fault).message).to.contain('200 times')
  })

  it('a bomb is refused by its ratio: tar.gz, also when the zeros stand behind its end', async () => {
    const inside = await read('x.tgz', gzipSync(tarBytes([main, { name: 'zeros', content: Buffer.alloc(3_000_000) }])))
    const behind = await read('y.tgz', gzipSync(Buffer.concat([tarBytes([main]), Buffer.alloc(3_000_000)])))
    expect((inside as Fault).code).to.equal('archive.too_large')
    expect((behind as Fault).code).to.equal('archive.too_large')
  })

  it('a long name is refused', async () => {
    const name = `${'a'.repeat(200)}/`.repeat(6)
    const outcome = await read('x.zip', zipBytes([main, { name: `${name}f`, content: '' }]))
    expect((outcome as Fault).code).to.equal('archive.unsafe_entry')
    expect((outcome as Fault).message).to.contain('1024 bytes')
  })

  it('the limits are those that the reference states', () => {
    expect(readLimits).to.deep.equal({
      entries: 10_000,
      fileBytes: 52_428_800,
      totalBytes: 209_715_200,
      ratio: 200,
      ratioFromBytes: 1_048_576,
      nameBytes: 1024,
    })
  })
})

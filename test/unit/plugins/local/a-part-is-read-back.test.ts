// Claim: whether a part of the catalog can be used is found out by reading all of it, and changes nothing; a part is
// found, and deleted, by what is recorded of it.
import { expect } from 'chai'
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Part, PartCheck } from '../../../../src/plugins/contract/operation.ts'
import { directorySnapshotApply } from '../../../../src/plugins/local/operations/directory-snapshot-apply.ts'
import { directorySnapshotCreate } from '../../../../src/plugins/local/operations/directory-snapshot-create.ts'
import { directorySnapshotDelete } from '../../../../src/plugins/local/operations/directory-snapshot-delete.ts'
import { directoryUnderTest, filesBelow, pictureOf, type DirectoryUnderTest } from './directories.ts'

describe('local directory: parts of the catalog', () => {
  let unit: DirectoryUnderTest
  let part: Part

  beforeEach(async () => {
    unit = directoryUnderTest()
    mkdirSync(unit.data, { recursive: true })
    writeFileSync(join(unit.data, 'file'), 'content of the file')
    part = await unit.backup('first')
  })

  afterEach(() => unit.cleanUp())

  const verify = async (given: Part = part): Promise<PartCheck> =>
    (await directorySnapshotCreate.verify?.(unit.at({ key: 'verify/first' }), given)) as PartCheck
  const blob = (): string => join(unit.store, 'objects', filesBelow(join(unit.store, 'objects'))[0] ?? '')
  const usable = { isUsable: true, isMissing: false, reason: null }
  const damaged = (reason: string): PartCheck => ({ isUsable: false, isMissing: false, reason })

  it('are usable as they were made, in full and in shared contents, and stay as they are', async () => {
    const full = await unit.backup('full', { snapshot_incremental: false })
    const before = pictureOf(unit.store)
    expect(await verify()).to.deep.equal(usable)
    expect(await verify(full)).to.deep.equal(usable)
    expect(pictureOf(unit.store)).to.deep.equal(before)
    expect([part.bytes, part.digest?.slice(0, 7), part.parentId]).to.deep.equal([19, 'sha256:', undefined])
  })

  it('are damaged by one changed byte, a content cut short, one that is gone, a garbled manifest', async () => {
    writeFileSync(blob(), 'content of the fiLe')
    expect(await verify()).to.deep.equal(damaged("the content of 'file' is not what was saved"))
    writeFileSync(blob(), 'content')
    expect(await verify()).to.deep.equal(damaged("the content of 'file' has 7 bytes, not 19"))
    rmSync(blob())
    expect(await verify()).to.deep.equal(damaged("the content of 'file' is missing"))
    writeFileSync(join(part.providerId, 'manifest.json'), '{')
    expect(await verify()).to.deep.equal(damaged('its manifest is not readable'))
  })

  it('are missing when nothing, or something else, lies in their place', async () => {
    const { providerId } = part
    await unit.delete('first')
    expect(await verify()).to.deep.equal({ isUsable: false, isMissing: true, reason: `'${providerId}' is not there` })
    writeFileSync(join(unit.data, 'file'), 'another content')
    await unit.backup('first')
    expect(await verify()).to.include({ isMissing: true, reason: 'another snapshot lies in its place' })
  })

  it('are found where the store was moved to, restored and deleted there', async () => {
    const before = pictureOf(unit.data)
    const moved = join(unit.ctx.folder, 'moved')
    mkdirSync(moved)
    renameSync(unit.store, join(moved, 'data'))
    const properties = { ...unit.ctx.node.properties, snapshots_path: moved }
    const ctx = { ...unit.at({ key: 'later' }), part, node: { ...unit.ctx.node, properties } }
    expect(await directorySnapshotCreate.verify?.(ctx, part)).to.deep.equal(usable)
    rmSync(join(unit.data, 'file'))
    await directorySnapshotApply.run(ctx, { snapshot_name: 'first' })
    expect(pictureOf(unit.data)).to.deep.equal(before)
    await directorySnapshotDelete.run(ctx, { snapshot_name: 'first' })
    expect(filesBelow(moved)).to.deep.equal([])
  })

  it('are deleted by what is recorded of them, whatever they are called', async () => {
    await unit.backup('second')
    await directorySnapshotDelete.run({ ...unit.at({ key: 'later' }), part }, { snapshot_name: 'second' })
    expect(filesBelow(join(unit.store, 'snapshots'))).to.deep.equal(['second/manifest.json'])
  })

  it('are kept when a cut of the same name is taken back by its receipt', async () => {
    const kept = join(unit.ctx.folder, 'kept')
    cpSync(join(unit.store, 'snapshots', 'first'), kept, { recursive: true })
    await unit.delete('first')
    const receipt = await unit.cut('first')
    // Another engine, which knows nothing of the cut, brings its own back.
    cpSync(kept, join(unit.store, 'snapshots', 'first'), { recursive: true })
    await directorySnapshotDelete.run({ ...unit.at({ key: 'later' }), part: receipt }, { snapshot_name: 'first' })
    expect(unit.ctx.lines.at(-1)).to.include('is kept')
    const manifest = readFileSync(join(unit.store, 'snapshots', 'first', 'manifest.json'), 'utf8')
    expect(manifest).to.equal(readFileSync(join(kept, 'manifest.json'), 'utf8'))
  })
})

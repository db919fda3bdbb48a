// Claim: incremental snapshots share what did not change, full ones need nobody, and deleting leaves nothing behind.
import { expect } from 'chai'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../../../src/kernel/fault.ts'
import { directorySnapshotCreate } from '../../../../src/plugins/local/operations/directory-snapshot-create.ts'
import { directorySnapshotDelete } from '../../../../src/plugins/local/operations/directory-snapshot-delete.ts'
import { directoryUnderTest, empty, filesBelow, pictureOf, type DirectoryUnderTest } from './directories.ts'

describe('local directory: kinds of snapshot', () => {
  let unit: DirectoryUnderTest
  beforeEach(() => {
    unit = directoryUnderTest()
    mkdirSync(unit.data)
    put('one', 'first')
    put('two', 'second')
    put('same as one', 'first')
  })
  afterEach(() => unit.cleanUp())

  const put = (path: string, content: string): void => writeFileSync(join(unit.data, path), content)
  const manifestOf = (name: string) =>
    JSON.parse(readFileSync(join(unit.store, 'snapshots', name, 'manifest.json'), 'utf8'))
  const objects = (): string[] => filesBelow(join(unit.store, 'objects'))

  it('keeps equal contents once, and adds only what changed', async () => {
    await unit.backup('first')
    expect(objects()).to.have.length(2)
    put('two', 'changed')
    await unit.backup('second')
    expect(objects()).to.have.length(3)
    expect(manifestOf('second').parent).to.equal('first')
    await unit.apply('first')
    expect(readFileSync(join(unit.data, 'two'), 'utf8')).to.equal('second')
    await unit.apply('second')
    expect(readFileSync(join(unit.data, 'two'), 'utf8')).to.equal('changed')
  })

  it('does not read again what is older than the snapshot before and unchanged', async () => {
    await unit.backup('first')
    // As if the snapshot had been taken long after the files were written, not in the same second.
    await age('first', 10_000_000_000n)
    put('two', 'changed')
    await unit.cut('second')
    const [staging = ''] = readdirSync(join(unit.store, 'staging'))
    expect(readdirSync(join(unit.store, 'staging', staging)).sort()).to.deep.equal(['1', 'cut.json'])
  })

  it('sees a change that leaves size and time as they were', async () => {
    await unit.backup('first')
    await age('first', 10_000_000_000n)
    const { atime, mtime } = statSync(join(unit.data, 'two'))
    put('two', 'SECOND')
    const { utimesSync } = await import('node:fs')
    utimesSync(join(unit.data, 'two'), atime, mtime)
    await unit.backup('second')
    empty(unit.data)
    await unit.apply('second')
    expect(readFileSync(join(unit.data, 'two'), 'utf8')).to.equal('SECOND')
  })

  it('keeps a full snapshot usable after everything else is gone', async () => {
    const before = pictureOf(unit.data)
    await unit.backup('shared')
    const part = await unit.backup('full', { snapshot_incremental: false })
    expect(filesBelow(part.providerId)).to.have.length(3)
    await unit.delete('shared')
    expect(objects()).to.deep.equal([])
    empty(unit.data)
    await unit.apply('full')
    expect(pictureOf(unit.data)).to.deep.equal(before)
  })

  it('keeps on deletion what another snapshot needs', async () => {
    await unit.backup('first')
    put('two', 'changed')
    await unit.backup('second')
    const after = pictureOf(unit.data)
    await unit.delete('first')
    expect(objects()).to.have.length(2)
    empty(unit.data)
    await unit.apply('second')
    expect(pictureOf(unit.data)).to.deep.equal(after)
  })

  it('leaves no file and no folder once the last snapshot is deleted, and deletes what is gone', async () => {
    await unit.backup('first')
    await unit.backup('full', { snapshot_incremental: false })
    await unit.cut('never settled')
    for (const name of ['first', 'full', 'never settled', 'never there']) await unit.delete(name)
    expect(readdirSync(unit.ctx.stateDirectory)).to.deep.equal(['data'])
  })

  it('takes back a cut that died before it wrote down what it was for', async () => {
    await unit.backup('first')
    const { providerId } = await unit.cut('second')
    expect(providerId).to.be.a('string')
    for (const folder of readdirSync(join(unit.store, 'staging')))
      rmSync(join(unit.store, 'staging', folder, 'cut.json'))
    await unit.takeBack('second')
    expect(readdirSync(unit.store)).not.to.include('staging')
  })

  it('never takes back a snapshot of that name which somebody else made', async () => {
    await unit.backup('first')
    await directorySnapshotDelete.run(unit.at({ key: 'another bracket' }), { snapshot_name: 'first' })
    expect(unit.ctx.lines.at(-1)).to.equal("INFO: Nothing of 'first' is left to delete")
    empty(unit.data)
    await unit.apply('first')
    expect(readFileSync(join(unit.data, 'two'), 'utf8')).to.have.length.above(0)
  })

  it('leaves a folder that is not ours where it is, empty or not', async () => {
    const elsewhere = join(unit.ctx.folder, 'backups')
    mkdirSync(elsewhere)
    const other = directoryUnderTest({ path: unit.data, snapshots_path: elsewhere })
    await other.backup('first')
    expect(readdirSync(elsewhere)).to.deep.equal(['data'])
    await other.delete('first')
    await other.cleanUp()
    expect(readdirSync(elsewhere)).to.deep.equal([])
  })

  it('deletes no content while another manifest cannot be read', async () => {
    await unit.backup('first')
    put('two', 'changed')
    await unit.backup('second')
    writeFileSync(join(unit.store, 'snapshots/second/manifest.json'), '{')
    await unit.delete('first')
    expect(objects()).to.have.length(3)
    expect(unit.ctx.lines.join('\n')).to.include('WARNING: Contents that may not be needed any more are kept')
  })

  it('refuses a name that another execution has taken', async () => {
    await unit.backup('first')
    const taken = (await directorySnapshotCreate
      .cut(unit.at({ key: 'another' }), { snapshot_name: 'first' })
      .catch((error: unknown) => error)) as Fault
    expect(taken.code).to.equal('local.snapshot_exists')
    expect(taken.retry).to.equal('never')
  })

  it('cuts anew when the outcome of an earlier attempt was lost, and leaves one snapshot', async () => {
    await unit.backup('first')
    put('two', 'at the second attempt')
    await unit.backup('first')
    expect(readdirSync(join(unit.store, 'snapshots'))).to.deep.equal(['first'])
    expect(objects()).to.have.length(2)
    empty(unit.data)
    await unit.apply('first')
    expect(readFileSync(join(unit.data, 'two'), 'utf8')).to.equal('at the second attempt')
  })

  it('settles twice with the same result', async () => {
    const receipt = await unit.cut('first')
    const settle = () =>
      directorySnapshotCreate.settle(unit.at({ key: 'backup/first' }), receipt, { snapshot_name: 'first' })
    expect(await settle()).to.deep.equal(await settle())
  })

  it('takes any name, however odd, and keeps within its store', async () => {
    for (const name of ['../../escape', '.', '..', 'a/b', 'x'.repeat(5000), 'ünï ☃ %', 'first']) {
      const part = await unit.backup(name)
      expect(part.providerId.startsWith(`${unit.store}/snapshots/`)).to.equal(true)
      expect(existsSync(join(part.providerId, 'manifest.json'))).to.equal(true)
      await unit.apply(name)
      await unit.delete(name)
    }
    expect(readdirSync(unit.ctx.stateDirectory)).to.deep.equal(['data'])
  })

  // Seals the manifest again with a later start of its cut.
  async function age(name: string, by: bigint): Promise<void> {
    const { sealManifest, openManifest } = await import('../../../../src/plugins/local/snapshot/manifest.ts')
    const { digest: _, ...manifest } = openManifest(manifestOf(name), name)
    const later = { ...manifest, begunAt: String(BigInt(manifest.begunAt) + by) }
    const { format: __, ...rest } = sealManifest(later)
    writeFileSync(
      join(unit.store, 'snapshots', name, 'manifest.json'),
      JSON.stringify({ ...rest, format: 'fermata.directory-snapshot/1' }),
    )
  }
})

// Claim: whatever is wrong with a snapshot is found before the directory is touched, and said clearly.
import { expect } from 'chai'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../../../src/kernel/fault.ts'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import { directorySnapshotApply } from '../../../../src/plugins/local/operations/directory-snapshot-apply.ts'
import { directorySnapshotDelete } from '../../../../src/plugins/local/operations/directory-snapshot-delete.ts'
import { directorySnapshotCreate } from '../../../../src/plugins/local/operations/directory-snapshot-create.ts'
import { openManifest, sealManifest, type Manifest } from '../../../../src/plugins/local/snapshot/manifest.ts'
import { directoryUnderTest, filesBelow, pictureOf, type DirectoryUnderTest } from './directories.ts'

describe('local directory: what cannot be trusted', () => {
  let unit: DirectoryUnderTest
  let manifest: string

  beforeEach(async () => {
    unit = directoryUnderTest()
    mkdirSync(join(unit.data, 'folder'), { recursive: true })
    writeFileSync(join(unit.data, 'folder/file'), 'content of the file')
    await unit.backup('first')
    manifest = join(unit.store, 'snapshots/first/manifest.json')
    writeFileSync(join(unit.data, 'folder/file'), 'changed since')
  })
  afterEach(() => unit.cleanUp())

  async function refused(name = 'first'): Promise<Fault> {
    const before = pictureOf(unit.data)
    const thrown = (await unit.apply(name).then(
      () => expect.fail('it was applied'),
      (error: unknown) => error,
    )) as Fault
    expect(pictureOf(unit.data)).to.deep.equal(before)
    expect(readdirSync(unit.ctx.stateDirectory).sort()).to.deep.equal(['data', 'snapshots'])
    return thrown
  }

  const blob = (): string => join(unit.store, 'objects', filesBelow(join(unit.store, 'objects'))[0] ?? '')

  it('finds one flipped bit in a content', async () => {
    const bytes = readFileSync(blob())
    bytes[3]! ^= 1
    writeFileSync(blob(), bytes)
    const thrown = await refused()
    expect(thrown.code).to.equal('local.snapshot_damaged')
    expect(thrown.message).to.include("the content of 'folder/file' is not what was saved")
  })

  it('finds a content that is cut short, and one that is missing', async () => {
    truncateSync(blob(), 5)
    expect((await refused()).code).to.equal('local.snapshot_damaged')
    rmSync(blob())
    expect((await refused()).message).to.include("the content of 'folder/file' is missing")
  })

  it('finds a manifest that was changed, cut short or is none', async () => {
    const text = readFileSync(manifest, 'utf8')
    for (const damaged of [text.replace('"mode":420', '"mode":511'), text.slice(0, -10), '[]', '']) {
      expect(damaged).to.not.equal(text)
      writeFileSync(manifest, damaged)
      expect((await refused()).code).to.equal('local.snapshot_damaged')
    }
  })

  it('refuses a sealed manifest whose paths lead out of the directory', async () => {
    const { digest: _, ...good } = openManifest(JSON.parse(readFileSync(manifest, 'utf8')), 'first')
    const [top, folder, file] = good.entries
    const link = { ...folder!, type: 'symlink', path: 'link', target: '/tmp' }
    const evil: unknown[][] = [
      [top, { ...file, path: '../escape' }],
      [top, { ...file, path: '/tmp/escape' }],
      [top, folder, { ...file, path: 'folder/../../escape' }],
      [top, link, { ...file, path: 'link/escape' }],
      [top, { ...file, path: 'folder/before-its-folder' }],
      [file],
    ]
    for (const entries of evil) {
      writeFileSync(manifest, JSON.stringify(sealManifest({ ...good, entries } as Manifest)))
      const thrown = await refused()
      expect(thrown.code).to.equal('local.snapshot_damaged')
      expect(thrown.message).to.include('impossible path')
    }
  })

  it('neither applies nor deletes a snapshot that is not the one the catalog recorded', async () => {
    const providerId = join(unit.store, 'snapshots', 'first')
    const good = { kind: 'directory-snapshot', providerId, bytes: 1, digest: `sha256:${'0'.repeat(64)}` }
    const ctx = { ...unit.at({}), part: good }
    const thrown = (await directorySnapshotApply
      .run(ctx, { snapshot_name: 'first' })
      .catch((error: unknown) => error)) as Fault
    expect(thrown.code).to.equal('local.snapshot_damaged')
    await directorySnapshotDelete.run(ctx, { snapshot_name: 'first' })
    expect(unit.ctx.lines.join('\n')).to.include("'first' is not the one that the catalog recorded, and is kept")
    await unit.apply('first')
  })

  it('says that there is no such snapshot', async () => {
    const thrown = await refused('never taken')
    expect(thrown.code).to.equal('local.snapshot_missing')
    expect(thrown.message).to.include("'never taken'")
  })

  it('does not settle a copy of which a part is gone', async () => {
    const receipt = await unit.cut('second')
    const [staging = ''] = readdirSync(join(unit.store, 'staging'))
    truncateSync(join(unit.store, 'staging', staging, '1'), 3)
    const thrown = (await directorySnapshotCreate
      .settle(unit.at({ key: 'backup/second' }), receipt, { snapshot_name: 'second' })
      .catch((error: unknown) => error)) as Fault
    expect(thrown.code).to.equal('local.snapshot_damaged')
    expect(thrown.message).to.include('cut short')
  })

  it('does not trust a copy that was not on disk yet when the machine restarted', async () => {
    const receipt = await unit.cut('second')
    const [staging = ''] = readdirSync(join(unit.store, 'staging'))
    const path = join(unit.store, 'staging', staging, 'cut.json')
    const cut = JSON.parse(readFileSync(path, 'utf8')) as JsonObject
    writeFileSync(path, JSON.stringify({ ...cut, bootId: 'an earlier one' }))
    const thrown = (await directorySnapshotCreate
      .settle(unit.at({ key: 'backup/second' }), receipt, { snapshot_name: 'second' })
      .catch((error: unknown) => error)) as Fault
    expect(thrown.message).to.include('the machine was restarted')
  })

  it('notices a file that changes while it is copied', async () => {
    const ctx = unit.at({ key: 'backup/second' })
    // The signal is asked for between the first look at a file and its copy.
    const writing = {
      ...ctx,
      get signal() {
        appendFileSync(join(unit.data, 'folder/file'), 'more')
        return ctx.signal
      },
    }
    const cut = directorySnapshotCreate.cut(writing, { snapshot_name: 'second' })
    const thrown = (await cut.catch((error: unknown) => error)) as Fault
    expect(thrown.code).to.equal('local.changed_while_read')
    expect(thrown.message).to.include('folder/file')
    expect(thrown.retry).to.equal('later')
  })

  it('notices a folder that changes while it is copied', async () => {
    const ctx = unit.at({ key: 'backup/second' })
    const adding = {
      ...ctx,
      get signal() {
        mkdirSync(join(unit.data, 'folder/new'))
        return ctx.signal
      },
    }
    const cut = directorySnapshotCreate.cut(adding, { snapshot_name: 'second' })
    const thrown = (await cut.catch((error: unknown) => error)) as Fault
    expect(thrown.code).to.equal('local.changed_while_read')
    expect(thrown.details['path']).to.equal('folder')
  })

  it('says what is wrong with the properties', async () => {
    for (const [properties, words] of [
      [{ path: 7 }, "property 'path': it must be a text"],
      [{ path: '' }, "property 'path': it is missing"],
      [{ path: '/' }, 'the root of the file system'],
      [{ path: 'data', snapshots_path: 'data/inside' }, 'it must not lie below path'],
    ] as const) {
      const wrong = directoryUnderTest(properties)
      const thrown = (await wrong.backup('first').catch((error: unknown) => error)) as Fault
      await wrong.cleanUp()
      expect(thrown.code).to.equal('local.bad_property')
      expect(thrown.message).to.include(words)
    }
  })

  it('says that there is no directory to save', async () => {
    rmSync(unit.data, { recursive: true })
    const thrown = (await unit.backup('second').catch((error: unknown) => error)) as Fault
    expect(thrown.code).to.equal('local.no_such_directory')
  })
})

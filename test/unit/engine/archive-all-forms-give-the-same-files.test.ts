// The same blueprint as a file, a folder, a zip and a tar must be the same blueprint.
import { expect } from 'chai'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readBlueprintSource } from '../../../src/engine/blueprint-files.ts'
import { Fault } from '../../../src/kernel/fault.ts'
import { tarBytes, zipBytes } from '../../support/archives.ts'

const contents = {
  'blueprint.yaml': 'a: 1\n',
  'other.yaml': 'b: 2\n',
  'scripts/freeze.sh': '#!/bin/sh\n',
  'größe.txt': '7',
}

describe('all forms of a blueprint give the same files', () => {
  let folder = ''
  let source = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fermata-forms-'))
    source = join(folder, 'shop')
    await mkdir(join(source, 'scripts'), { recursive: true })
    for (const [name, content] of Object.entries(contents)) await writeFile(join(source, name), content)
    await chmod(join(source, 'scripts/freeze.sh'), 0o755)
  })
  afterEach(() => rm(folder, { recursive: true }))

  const entries = (top: string): { name: string; content: string; mode: number }[] =>
    Object.entries(contents).map(([name, content]) => ({
      name: top + name,
      content,
      mode: name.endsWith('.sh') ? 0o100755 : 0o100644,
    }))
  const tarEntries = (top: string): { name: string; content: string; mode: number }[] =>
    entries(top).map((entry) => ({ ...entry, mode: entry.mode & 0o777 }))

  const pack = async (name: string, bytes: Buffer): Promise<string> => {
    await writeFile(join(folder, name), bytes)
    return join(folder, name)
  }

  const failure = async (path: string, mainFile?: string): Promise<Fault> => {
    const outcome = await readBlueprintSource(mainFile === undefined ? { path } : { path, mainFile }).catch(
      (error: unknown) => error,
    )
    expect(outcome).to.be.instanceOf(Fault)
    return outcome as Fault
  }

  it('folder, YAML file, zip, tar and tar.gz, with a top folder and without', async () => {
    const paths = [
      source,
      join(source, 'blueprint.yaml'),
      await pack('a.zip', zipBytes(entries('shop/'))),
      await pack('b.zip', zipBytes(entries(''))),
      await pack('c.tar', tarBytes(tarEntries('shop/'))),
      await pack('d.tar.gz', gzipSync(tarBytes(tarEntries('./')))),
      await pack('named-as-it-likes', gzipSync(tarBytes(tarEntries('shop/')))),
    ]
    const read = await Promise.all(paths.map((path) => readBlueprintSource({ path })))
    for (const { mainFile, files, digest } of read) {
      expect(mainFile).to.equal('blueprint.yaml')
      expect([...files.keys()].sort()).to.deep.equal(Object.keys(contents).sort())
      expect(files.get('größe.txt')?.content.toString()).to.equal('7')
      expect(files.get('scripts/freeze.sh')?.executable).to.equal(true)
      expect(files.get('blueprint.yaml')?.executable).to.equal(false)
      expect(digest)
        .to.equal(read[0]?.digest)
        .and.to.match(/^[0-9a-f]{64}$/)
    }
  })

  it('another content, or the same one under another name, gives another digest', async () => {
    const before = (await readBlueprintSource({ path: source })).digest
    await writeFile(join(source, 'other.yaml'), 'b: 3\n')
    const changed = (await readBlueprintSource({ path: source })).digest
    await rm(join(source, 'other.yaml'))
    await writeFile(join(source, 'next.yaml'), 'b: 3\n')
    const renamed = (await readBlueprintSource({ path: source })).digest
    expect(new Set([before, changed, renamed]).size).to.equal(3)
  })

  it('hidden folders, node_modules and their like are left out, hidden files are not', async () => {
    for (const name of ['.git', 'node_modules', 'scripts/__pycache__']) {
      await mkdir(join(source, name))
      await writeFile(join(source, name, 'x'), 'x')
    }
    await writeFile(join(source, '.settings'), 'x')
    const { files } = await readBlueprintSource({ path: source })
    expect([...files.keys()].sort()).to.deep.equal([...Object.keys(contents), '.settings'].sort())
  })

  it('a link to a file or folder inside is followed', async () => {
    await symlink('other.yaml', join(source, 'linked.yaml'))
    await symlink('scripts', join(source, 'tools'))
    const { files } = await readBlueprintSource({ path: source })
    expect(files.get('linked.yaml')?.content.toString()).to.equal('b: 2\n')
    expect(files.get('tools/freeze.sh')?.executable).to.equal(true)
  })

  for (const [what, target] of Object.entries({ outside: '/etc/hostname', nowhere: 'nothing', 'in a circle': '.' })) {
    it(`a link that leads ${what} is refused`, async () => {
      await symlink(target, join(source, 'link'))
      const fault = await failure(source)
      expect(fault.code).to.equal('archive.unsafe_entry')
      expect(fault.message).to.contain('link')
    })
  }

  it('a socket is refused, not opened', async () => {
    const server = createServer().listen(join(source, 's.sock'))
    await new Promise((resolve) => server.once('listening', resolve))
    const fault = await failure(source)
    server.close()
    expect(fault.code).to.equal('archive.unsafe_entry')
  })

  it('another main file is taken by name; a wrong name is told what there is', async () => {
    expect((await readBlueprintSource({ path: source, mainFile: './other.yaml' })).mainFile).to.equal('other.yaml')
    const fault = await failure(source, 'nope.yaml')
    expect(fault.code).to.equal('blueprint.no_main_file')
    expect(fault.hint).to.contain('blueprint.yaml, other.yaml')
  })

  it('a path that is not there, an address, and a main file given twice are explained', async () => {
    expect((await failure(join(folder, 'nope'))).code).to.equal('usage.no_such_file')
    expect((await failure('https://example.com/a.zip')).message).to.contain('is an address')
    expect((await failure(join(source, 'blueprint.yaml'), 'other.yaml')).code).to.equal('usage.bad_argument')
  })
})

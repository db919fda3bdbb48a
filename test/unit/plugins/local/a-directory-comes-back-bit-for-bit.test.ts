// Claim: a restored directory is the one that was saved, to the last bit, mode, time, link and odd name.
import { expect } from 'chai'
import { chmodSync, lutimesSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { directoryUnderTest, empty, filesBelow, pictureOf, type DirectoryUnderTest } from './directories.ts'

describe('local directory: save and restore', () => {
  let unit: DirectoryUnderTest
  beforeEach(() => {
    unit = directoryUnderTest()
    mkdirSync(unit.data)
  })
  afterEach(() => unit.cleanUp())

  const put = (path: string, content: string | Buffer): void => writeFileSync(join(unit.data, path), content)

  it('restores contents, modes, times, links, empty folders and names that are no UTF-8', async () => {
    put('plain.txt', 'content')
    put('empty', '')
    put('zeros', Buffer.alloc(3_000_000))
    put('secret', 'only mine')
    put('line\nbreak "quoted" ☃', 'odd name')
    writeFileSync(Buffer.concat([Buffer.from(`${unit.data}/not-utf8-`), Buffer.from([0xff, 0xfe])]), 'odder name')
    mkdirSync(join(unit.data, 'a/b/c'), { recursive: true })
    mkdirSync(join(unit.data, 'a.b'))
    put('a/b/c/deep', 'deep')
    mkdirSync(join(unit.data, 'empty-folder'))
    mkdirSync(join(unit.data, 'locked'))
    put('locked/inside', 'in')
    symlinkSync('../outside/../nowhere', join(unit.data, 'dangling'))
    symlinkSync('/etc', join(unit.data, 'a/etc'))
    chmodSync(join(unit.data, 'secret'), 0o400)
    chmodSync(join(unit.data, 'plain.txt'), 0o6751)
    utimesSync(join(unit.data, 'plain.txt'), 1_000_000_000.25, 1_000_000_000.25)
    lutimesSync(join(unit.data, 'dangling'), 1_111_111_111, 1_111_111_111)
    chmodSync(join(unit.data, 'locked'), 0o555)
    utimesSync(join(unit.data, 'empty-folder'), 999_999_999, 999_999_999)
    chmodSync(unit.data, 0o750)
    const before = pictureOf(unit.data)

    const part = await unit.backup('first')
    expect(part.kind).to.equal('directory-snapshot')
    expect(part.bytes).to.equal(
      3_000_000 + 'content'.length + 'only mine'.length + 'odd name'.length + 'odder name'.length + 6,
    )
    expect(part.digest).to.match(/^sha256:[0-9a-f]{64}$/)
    chmodSync(join(unit.data, 'locked'), 0o755)
    empty(unit.data)
    put('new', 'not in the snapshot')

    await unit.apply('first')
    expect(pictureOf(unit.data)).to.deep.equal(before)
  })

  it('restores a directory that is gone altogether, and many files of it', async () => {
    for (let number = 0; number < 500; number += 1) put(`file-${number}`, `content ${number % 50}`)
    const before = pictureOf(unit.data)
    await unit.backup('many')
    rmSync(unit.data, { recursive: true })
    await unit.apply('many')
    expect(pictureOf(unit.data)).to.deep.equal(before)
  })

  it('names sockets, pipes and devices as not saved, and saves the rest', async () => {
    execFileSync('mkfifo', [join(unit.data, 'pipe')])
    put('file', 'saved')
    await unit.backup('first')
    expect(unit.ctx.lines).to.include("WARNING: 'pipe' is a pipe and is not saved")
    empty(unit.data)
    await unit.apply('first')
    expect(pictureOf(unit.data).map((line) => line.split(' ')[0])).to.deep.equal(['.', './file'])
  })

  it('saves what a link is, never what it leads to', async () => {
    symlinkSync('/etc/passwd', join(unit.data, 'way-out'))
    symlinkSync('/etc', join(unit.data, 'way-out-too'))
    const part = await unit.backup('first')
    expect(part.bytes).to.equal(0)
    expect(filesBelow(join(unit.store, 'objects'))).to.deep.equal([])
  })
})

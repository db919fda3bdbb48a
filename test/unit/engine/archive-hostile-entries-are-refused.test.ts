// An archive comes from outside: whatever could leave its folder, hide, or be read in two ways must not get in.
import { expect } from 'chai'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readBlueprintSource } from '../../../src/engine/blueprint-files.ts'
import { Fault } from '../../../src/kernel/fault.ts'
import { tarBytes, zipBytes, type TarEntry, type ZipEntry } from '../../support/archives.ts'

const main = { name: 'top/blueprint.yaml', content: 'tosca_definitions_version: cloudify_dsl_1_3\n' }

const hostileTars: Readonly<Record<string, readonly TarEntry[]>> = {
  'a name with ..': [{ name: '../evil.sh', content: 'x' }],
  'a name with .. in the middle': [{ name: 'top/../../evil.sh', content: 'x' }],
  'an absolute name': [{ name: '/etc/passwd', content: 'x' }],
  'a backslash': [{ name: 'top\\..\\..\\evil', content: 'x' }],
  'a drive letter': [{ name: 'C:evil', content: 'x' }],
  'a control character': [{ name: 'top/a\u001b[2Jb', content: 'x' }],
  'a symbolic link': [{ name: 'top/link', type: '2', link: '/etc/passwd' }],
  'a symbolic link inside': [{ name: 'top/link', type: '2', link: 'blueprint.yaml' }],
  'a hard link': [{ name: 'top/link', type: '1', link: 'top/blueprint.yaml' }],
  'a character device': [{ name: 'top/null', type: '3' }],
  'a block device': [{ name: 'top/disk', type: '4' }],
  'a pipe': [{ name: 'top/pipe', type: '6' }],
  'an unknown kind': [{ name: 'top/what', type: 'Z' }],
  'the same file twice': [
    { name: 'top/a', content: '1' },
    { name: 'top/./a', content: '2' },
  ],
  'a file that is a folder too': [
    { name: 'top/a', content: '1' },
    { name: 'top/a/b', content: '2' },
  ],
  'a folder that is a file too': [
    { name: 'top/a/b', content: '1' },
    { name: 'top/a', content: '2' },
  ],
  'a long name by pax that leads out': [
    { name: 'pax', type: 'x', content: paxRecord('path', '../evil') },
    { name: 'top/innocent', content: 'x' },
  ],
  'a long name by GNU that leads out': [
    { name: '././@LongLink', type: 'L', content: '../evil\0' },
    { name: 'top/innocent', content: 'x' },
  ],
  'a hostile name in a folder that is left out': [{ name: 'top/.git/../../../evil', content: 'x' }],
}

const hostileZips: Readonly<Record<string, readonly ZipEntry[]>> = {
  'a name with ..': [{ name: '../evil.sh', content: 'x' }],
  'an absolute name': [{ name: '/etc/passwd', content: 'x' }],
  'a backslash': [{ name: 'top\\..\\evil', content: 'x' }],
  'a NUL': [{ name: 'top/blueprint.yaml\0.png', content: 'x' }],
  'a symbolic link': [{ name: 'top/link', content: '/etc/passwd', mode: 0o120777 }],
  'a device': [{ name: 'top/null', mode: 0o020666 }],
  'the same file twice': [
    { name: 'top/a', content: '1' },
    { name: 'top/a', content: '2' },
  ],
  'a name of no letters': [{ name: './.', content: 'x' }],
}

describe('hostile archive entries are refused', () => {
  let folder = ''
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'fermata-archive-'))))
  afterEach(() => rm(folder, { recursive: true }))

  const refusal = async (name: string, bytes: Buffer): Promise<Fault> => {
    const path = join(folder, name)
    await writeFile(path, bytes)
    const outcome = await readBlueprintSource({ path }).catch((error: unknown) => error)
    expect(outcome).to.be.instanceOf(Fault)
    return outcome as Fault
  }

  for (const [what, entries] of Object.entries(hostileTars)) {
    it(`tar, plain and gzipped: ${what}`, async () => {
      const bytes = tarBytes([main, ...entries])
      expect((await refusal('x.tar', bytes)).code).to.equal('archive.unsafe_entry')
      expect((await refusal('x.tar.gz', gzipSync(bytes))).code).to.equal('archive.unsafe_entry')
    })
  }

  for (const [what, entries] of Object.entries(hostileZips)) {
    it(`zip: ${what}`, async () => {
      expect((await refusal('x.zip', zipBytes([main, ...entries]))).code).to.equal('archive.unsafe_entry')
    })
  }

  it('the message names the archive, the entry and the reason, without its control characters', async () => {
    const fault = await refusal('x.tar', tarBytes([main, { name: 'top/a\u001b[2Jb', content: 'x' }]))
    expect(fault.message).to.contain('x.tar').and.to.contain('top/a\\u001b[2Jb').and.to.contain('control character')
    expect(fault.message).not.to.contain('\u001b')
  })

  const unreadable: Readonly<Record<string, () => Buffer>> = {
    'a zip with a wrong checksum': () => zipBytes([{ ...main, checksum: 1 }]),
    'a zip that states too small a size': () => zipBytes([{ ...main, size: 3 }]),
    'an encrypted zip': () => zipBytes([{ ...main, flags: 0x801 }]),
    'a zip cut short': () => zipBytes([main]).subarray(0, 60),
    'a gzip of no tar': () => gzipSync('hello'),
    'a gzip cut short': () => gzipSync(tarBytes([main])).subarray(0, 40),
    'a gzip in a gzip': () => gzipSync(gzipSync(tarBytes([main]))),
    'a tar with a wrong checksum': () => withByte(tarBytes([main]), 0, 0x55),
    'a tar cut short': () => tarBytes([{ ...main, size: 100_000 }]),
    bzip2: () => Buffer.from('BZh91AY&SY'),
    xz: () => Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
    'bytes of no kind': () => Buffer.from([1, 0, 2, 0]),
  }
  for (const [what, bytes] of Object.entries(unreadable)) {
    it(`${what} is not a readable archive`, async () => {
      const fault = await refusal('x.bin', bytes())
      expect(fault.code).to.equal('archive.unreadable')
    })
  }
})

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const length = rest.length + 2
  return `${length}${rest}`
}

function withByte(bytes: Buffer, position: number, value: number): Buffer {
  bytes[position] = value
  return bytes
}

// The folder of an exported machine: each disk with a record of its size and digest beside it as soon as it is whole, the
// description of the machine, and the manifest last. What has no record is not there yet.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, open, readFile, readdir, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fault, Fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { wordsOf } from '../../../kernel/words.ts'

export interface SavedFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

export interface SavedDisk extends SavedFile {
  /** Of the device that it was. */
  readonly device: string
}

export interface Manifest {
  readonly format: 1
  /** Of the work that made it. */
  readonly mark: string
  readonly machineName: string
  readonly disks: readonly SavedDisk[]
  readonly descriptor: SavedFile
}

export const descriptorName = 'machine.ovf'
const manifestName = 'manifest.json'
const ours = /^(disk-\d+\.vmdk(\.json)?|machine\.ovf|manifest\.json)(\.new)?$/

/** It is there and ours to write into, or can be made. @throws Fault `vsphere.folder_failed` */
export async function assertUsable(folder: string): Promise<void> {
  await tried(folder, async () => {
    let there = folder
    while ((await stat(there).catch(absent)) === undefined) there = dirname(there)
    await access(join(there, '.'), constants.W_OK | constants.X_OK)
  })
}

/** @throws Fault `vsphere.folder_failed` */
export async function makeFolder(folder: string): Promise<void> {
  await tried(folder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await syncFolder(dirname(folder))
  })
}

/** What is whole and has its record; each byte is read back. undefined: it has to be fetched. */
export async function wholeDisk(folder: string, name: string, device: string): Promise<SavedDisk | undefined> {
  const record = jsonIn(await read(join(folder, `${name}.json`)))
  if (!isJsonObject(record) || record['device'] !== device) return undefined
  const known = record as unknown as SavedDisk
  return (await problemWith(folder, known)) === undefined ? known : undefined
}

/** Streamed beside its name, which it has only when all of it is on disk. @throws Fault `vsphere.folder_failed` */
export async function saveDisk(
  folder: string,
  { name, device }: Pick<SavedDisk, 'name' | 'device'>,
  source: AsyncIterable<Uint8Array>,
  { length, told }: { readonly length: number | undefined; readonly told: (bytes: number) => void },
): Promise<SavedDisk> {
  const path = join(folder, name)
  const hash = createHash('sha256')
  let bytes = 0
  const file = await tried(folder, () => create(`${path}.new`))
  try {
    for await (const chunk of source) {
      hash.update(chunk)
      await tried(folder, () => file.writeFile(chunk))
      bytes += chunk.byteLength
      told(chunk.byteLength)
    }
    if (length !== undefined && bytes !== length) throw new Error(`it ended after ${bytes} of ${length} bytes`)
    await tried(folder, () => file.sync())
  } finally {
    await file.close()
  }
  const saved = { name, device, bytes, sha256: hash.digest('hex') }
  await tried(folder, () => rename(`${path}.new`, path))
  await writeWhole(folder, `${name}.json`, JSON.stringify(saved))
  return saved
}

export async function saveText(folder: string, name: string, text: string): Promise<SavedFile> {
  await writeWhole(folder, name, text)
  return { name, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') }
}

/** Gives its digest. */
export async function saveManifest(folder: string, manifest: Manifest): Promise<string> {
  return (await saveText(folder, manifestName, JSON.stringify(manifest, null, 2))).sha256
}

/** undefined: there is none, or none that is whole. */
export async function manifestIn(
  folder: string,
  mark: string,
): Promise<{ readonly manifest: Manifest; readonly sha256: string } | undefined> {
  const text = await read(join(folder, manifestName))
  const found = jsonIn(text)
  if (text === undefined || !isJsonObject(found) || found['mark'] !== mark || found['format'] !== 1) return undefined
  return { manifest: found as unknown as Manifest, sha256: createHash('sha256').update(text).digest('hex') }
}

/** Reads every byte; undefined: it is what was saved. */
export async function problemWith(
  folder: string,
  { name, bytes, sha256 }: SavedFile,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const path = join(folder, name)
  const file = await tried(path, () => open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(absent))
  if (file === undefined) return `'${path}' is gone`
  try {
    const { size } = await file.stat()
    if (size !== bytes) return `'${path}' has ${size} bytes and not ${bytes}`
    const hash = createHash('sha256')
    for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1024 * 1024 })) {
      signal?.throwIfAborted()
      hash.update(chunk as Uint8Array)
    }
    return hash.digest('hex') === sha256 ? undefined : `the digest of '${path}' is not the one on record`
  } finally {
    await file.close()
  }
}

export async function readDescriptor(folder: string): Promise<string | undefined> {
  return read(join(folder, descriptorName))
}

export async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/** Takes what is ours, and the folder when nothing else lies in it. @throws Fault `vsphere.folder_failed` */
export async function removeFolder(folder: string): Promise<void> {
  await tried(folder, async () => {
    const names = await readdir(folder).catch(absent)
    if (names === undefined) return
    // Without its manifest it is no backup any more, wherever this ends.
    await rm(join(folder, manifestName), { force: true })
    for (const name of names) if (ours.test(name)) await rm(join(folder, name), { force: true })
    await rmdir(folder)
  })
}

async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name)
  await tried(folder, async () => {
    const file = await create(`${path}.new`)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
    await syncFolder(folder)
  })
}

// Disks hold all secrets of a machine; and a link leads elsewhere.
const create = (path: string): Promise<FileHandle> =>
  open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o600)

async function syncFolder(folder: string): Promise<void> {
  const file = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

const read = (path: string): Promise<string | undefined> => tried(path, () => readFile(path, 'utf8').catch(absent))

function jsonIn(text: string | undefined): Json | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Json)
  } catch {
    return undefined
  }
}

function absent(thrown: unknown): undefined {
  if ((thrown as { code?: unknown }).code === 'ENOENT') return undefined
  throw thrown
}

async function tried<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown
    throw fault('vsphere.folder_failed', { details: { path, reason: wordsOf(thrown) }, cause: thrown })
  }
}

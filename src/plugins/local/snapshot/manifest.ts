// The manifest of a directory snapshot: what the tree held, with a digest of every file and one of itself.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fault } from '../../../kernel/fault.ts'
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { fromJsonPath, shownPath, toJsonPath, type RawPath } from '../directory/raw-path.ts'
import { readJson } from './durable-file.ts'
import { manifestName, snapshotFolder, type StoreLayout } from './layout.ts'

export const manifestFormat = 'fermata.directory-snapshot/1'

/** What all kinds of entry have. Times are nanoseconds since 1970, as decimal text. */
interface EntryMetadata {
  readonly path: RawPath
  /** Permission bits, with set-id and sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: string
}

export interface FileEntry extends EntryMetadata {
  readonly type: 'file'
  readonly size: number
  readonly digest: string
  /** By these two an unchanged file is known at the next incremental cut. */
  readonly ctime: string
  readonly inode: string
}

export interface FolderEntry extends EntryMetadata {
  readonly type: 'directory'
}

export interface LinkEntry extends EntryMetadata {
  readonly type: 'symlink'
  readonly target: RawPath
}

/** A socket, pipe or device: known, but not saved. */
export interface SkippedEntry extends EntryMetadata {
  readonly type: 'skipped'
  readonly what: string
}

export type TreeEntry = FileEntry | FolderEntry | LinkEntry | SkippedEntry

export interface Manifest {
  readonly name: string
  readonly operationKey: string
  readonly cutId: string
  readonly isIncremental: boolean
  readonly parent: string | null
  /** The directory it was taken of. */
  readonly path: string
  /** When the cut began, by the clock of the file system: nanoseconds since 1970, as decimal text. */
  readonly begunAt: string
  readonly bytes: number
  /** Every folder comes before what is in it; the first is the directory itself, with path ''. */
  readonly entries: readonly TreeEntry[]
}

export interface SealedManifest extends Manifest {
  /** sha256 over everything else. */
  readonly digest: string
}

/** The manifest in its form on disk. */
export function sealManifest(manifest: Manifest): JsonObject {
  const body: JsonObject = {
    format: manifestFormat,
    ...manifest,
    entries: manifest.entries.map((entry) => entryToJson(entry)),
  }
  return { ...body, digest: digestOf(body) }
}

/** Undefined when there is no such snapshot. @throws Fault `local.snapshot_damaged` */
export async function readManifest(store: StoreLayout, name: string): Promise<SealedManifest | undefined> {
  return readManifestIn(snapshotFolder(store, name), name)
}

/** The same for the folder of a snapshot; `name` is what errors call it. @throws Fault `local.snapshot_damaged` */
export async function readManifestIn(folder: string, name: string): Promise<SealedManifest | undefined> {
  const value = await readJson(join(folder, manifestName)).catch((error: unknown) => {
    if (error instanceof SyntaxError) throw damaged(name, 'its manifest is not readable')
    throw error
  })
  return value === undefined ? undefined : openManifest(value, name)
}

/** @throws Fault `local.snapshot_damaged` */
export function openManifest(value: Json, name: string): SealedManifest {
  if (!isJsonObject(value)) throw damaged(name, 'its manifest is not readable')
  const { digest, ...body } = value
  if (digest !== digestOf(body)) throw damaged(name, 'its manifest does not match its own digest')
  if (body['format'] !== manifestFormat)
    throw damaged(name, `its format is '${String(body['format'])}', expected '${manifestFormat}'`)
  const entries = (body['entries'] as readonly JsonObject[]).map((entry) => entryFromJson(entry, name))
  checkTree(entries, name)
  return { ...(body as unknown as Manifest), entries, digest: String(digest) }
}

// The digest is no signature: whoever can write the file can seal it too. No entry may lead out of the new tree.
function checkTree(entries: readonly TreeEntry[], name: string): void {
  const folders = new Set<RawPath>()
  for (const [position, { path, type }] of entries.entries()) {
    const isTop = position === 0
    const names = path.split('/')
    const isPlain = isTop
      ? path === ''
      : names.every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'))
    const hasFolder = isTop ? type === 'directory' : folders.has(names.slice(0, -1).join('/'))
    if (!isPlain || !hasFolder) throw damaged(name, `its manifest holds an impossible path '${shownPath(path)}'`)
    if (type === 'directory') folders.add(path)
  }
}

function entryToJson(entry: TreeEntry): JsonObject {
  const path = toJsonPath(entry.path)
  return entry.type === 'symlink' ? { ...entry, path, target: toJsonPath(entry.target) } : { ...entry, path }
}

function entryFromJson(value: JsonObject, name: string): TreeEntry {
  const path = fromJsonPath(value['path'])
  if (path === undefined) throw damaged(name, 'an entry of its manifest has no path')
  const entry = { ...value, path } as unknown as TreeEntry
  if (entry.type === 'file' && !/^sha256:[0-9a-f]{64}$/.test(entry.digest))
    throw damaged(name, `'${shownPath(path)}' has no digest`)
  return entry.type === 'symlink' ? { ...entry, target: fromJsonPath(value['target']) ?? '' } : entry
}

function digestOf(body: JsonObject): string {
  return `sha256:${createHash('sha256').update(canonicalJson(body)).digest('hex')}`
}

export function damaged(name: string, reason: string): Error {
  return fault('local.snapshot_damaged', { details: { name, reason } })
}

// Walks a tree as it stands, folder by folder over open handles: nobody can lead the walk elsewhere with a symlink, and
// whatever changes under way is noticed.
import { constants, type BigIntStats } from 'node:fs'
import { lstat, open, readdir, readlink, type FileHandle } from 'node:fs/promises'
import { fault } from '../../../kernel/fault.ts'
import { rawFrom, shownPath, type RawPath } from '../directory/raw-path.ts'
import { hasCode } from '../../guard/process-table.ts'
import { inParallel } from './in-parallel.ts'
import type { FolderEntry, LinkEntry, SkippedEntry } from './manifest.ts'

/** What the walk found besides files. */
export type PlainEntry = FolderEntry | LinkEntry | SkippedEntry

export interface TreeVisitor {
  entry(entry: PlainEntry): void
  /** Called for several files of a folder at the same time. `open` gives the file that `stats` was taken of, or another. */
  file(path: RawPath, stats: BigIntStats, open: () => Promise<FileHandle>): Promise<void>
}

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants

const filesAtOnce = 8

/** A folder's entry comes before those in it. @throws Fault `local.changed_while_read` */
export async function walkTree(top: string, visitor: TreeVisitor): Promise<void> {
  await using folder = await open(top, O_RDONLY | O_DIRECTORY)
  await walkFolder(folder, '', visitor)
}

async function walkFolder(folder: FileHandle, path: RawPath, visitor: TreeVisitor): Promise<void> {
  const before = await folder.stat({ bigint: true })
  visitor.entry({ type: 'directory', ...metadata(path, before) })
  const names = (await readdir(`/proc/self/fd/${folder.fd}`, { encoding: 'buffer' })).map(rawFrom)
  const children = names.map((name) => ({
    place: Buffer.from(`/proc/self/fd/${folder.fd}/${name}`, 'latin1'),
    path: path === '' ? name : `${path}/${name}`,
  }))
  const folders: Child[] = []
  await inParallel(children, filesAtOnce, async (child) => {
    const isFolder = await noticingChange(child.path, () => visitLeaf(child, visitor))
    if (isFolder) folders.push(child)
  })
  // One after the other: each level holds a file handle open.
  for (const child of folders) {
    await using next = await noticingChange(child.path, () => open(child.place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
    await walkFolder(next, child.path, visitor)
  }
  const after = await folder.stat({ bigint: true })
  if (after.mtimeNs !== before.mtimeNs || after.ctimeNs !== before.ctimeNs) throw changed(path)
}

interface Child {
  /** Leads to it through the open handle of its folder. */
  readonly place: Buffer
  readonly path: RawPath
}

/** True when it is a folder, which is left to the caller. */
async function visitLeaf({ place, path }: Child, visitor: TreeVisitor): Promise<boolean> {
  const stats = await lstat(place, { bigint: true })
  if (stats.isDirectory()) return true
  if (stats.isFile()) {
    await visitor.file(path, stats, () => open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
  } else if (stats.isSymbolicLink()) {
    const target = rawFrom(await readlink(place, { encoding: 'buffer' }))
    visitor.entry({ type: 'symlink', ...metadata(path, stats), target })
  } else {
    visitor.entry({ type: 'skipped', ...metadata(path, stats), what: kindOf(stats) })
  }
  return false
}

async function noticingChange<Value>(path: RawPath, look: () => Promise<Value>): Promise<Value> {
  try {
    return await look()
  } catch (thrown) {
    throw hasCode(thrown, 'ENOENT', 'ELOOP', 'ENOTDIR') ? changed(path) : thrown
  }
}

export function metadata(path: RawPath, stats: BigIntStats) {
  return {
    path,
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mtime: String(stats.mtimeNs),
  }
}

export function changed(path: RawPath): Error {
  return fault('local.changed_while_read', { details: { path: path === '' ? '.' : shownPath(path) } })
}

function kindOf(stats: BigIntStats): string {
  if (stats.isSocket()) return 'socket'
  if (stats.isFIFO()) return 'pipe'
  return stats.isBlockDevice() ? 'block device' : 'character device'
}

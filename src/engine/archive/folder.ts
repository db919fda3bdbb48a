// Reads a folder into a Collector. Links are followed only to what lies in the same folder; pipes and devices are never opened.
import { constants } from 'node:fs'
import { lstat, open, opendir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fault, Fault } from '../../kernel/fault.ts'
import { storeFile } from '../home.ts'
import type { Collector } from './collector.ts'
import { isFolderLeftOut } from './entry-name.ts'

interface Walk {
  readonly root: string
  readonly collector: Collector
}

/** @throws Fault `archive.unsafe_entry`, `archive.too_large`, `usage.unreadable_file` */
export async function readFolder(path: string, collector: Collector): Promise<void> {
  const root = await realpath(path)
  if (isHome(await childrenOf(root))) throw collector.refuse('.', 'it is a state directory of fermata')
  await readBelow({ root, collector }, root, '', [root])
}

/** `above`: real paths of the folders on the way here; a link back to one of them would never end. */
async function readBelow(walk: Walk, real: string, name: string, above: readonly string[]): Promise<void> {
  for (const child of await childrenOf(real)) {
    const childName = name === '' ? child : `${name}/${child}`
    await readEntry(walk, join(real, child), childName, above)
  }
}

async function readEntry(walk: Walk, path: string, name: string, above: readonly string[]): Promise<void> {
  const part = name.slice(name.lastIndexOf('/') + 1)
  const found = await lookAt(path)
  const isLink = found.isSymbolicLink()
  if ((found.isDirectory() || isLink) && isFolderLeftOut(part)) return
  const real = isLink ? await followLink(walk, path, name) : path
  const target = isLink ? await stat(real) : found
  if (target.isDirectory()) {
    if (isHome(await childrenOf(real))) return
    if (isLink && above.includes(real)) throw walk.collector.refuse(name, 'it is a link in a circle')
    walk.collector.folder(name)
    return readBelow(walk, real, name, [...above, real])
  }
  if (!target.isFile()) throw walk.collector.refuse(name, 'it is a pipe, a socket or a device')
  await readContent(walk.collector, real, name)
}

// A state directory is left out like what is hidden: it holds keys, and whoever opens and closes a store that is in use
// beside SQLite takes its locks away, behind which others would then throw its log away.
const isHome = (names: readonly string[]): boolean => names.includes(storeFile)

async function followLink(walk: Walk, path: string, name: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined) throw walk.collector.refuse(name, 'it is a link to nothing')
  if (real !== walk.root && !real.startsWith(walk.root + sep)) {
    throw walk.collector.refuse(name, 'it is a link that leads outside of the folder')
  }
  return real
}

async function readContent(collector: Collector, path: string, name: string): Promise<void> {
  try {
    // Not through a link, and not waiting for a pipe, should either have taken the file's place meanwhile.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const { size, mode } = await file.stat()
      const sink = collector.file(name, size, (mode & 0o111) !== 0)
      for await (const chunk of file.createReadStream({ autoClose: false })) sink.write(chunk as Buffer)
      sink.end()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw error instanceof Fault ? error : unreadableFile(path, error)
  }
}

async function childrenOf(path: string): Promise<string[]> {
  try {
    const names: string[] = []
    for await (const entry of await opendir(path)) names.push(entry.name)
    return names.sort()
  } catch (error) {
    throw unreadableFile(path, error)
  }
}

async function lookAt(path: string): Promise<Awaited<ReturnType<typeof lstat>>> {
  return lstat(path).catch((error: unknown) => {
    throw unreadableFile(path, error)
  })
}

export function unreadableFile(path: string, cause: unknown): Fault {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  return fault('usage.unreadable_file', { details: { path, reason: reasons[reason] ?? reason }, cause })
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link',
}

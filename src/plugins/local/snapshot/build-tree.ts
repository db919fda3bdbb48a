// Builds the tree a manifest describes in a new folder: contents, links, owners, modes and times.
import { constants } from 'node:fs'
import { chmod, copyFile, lchown, lutimes, mkdir, open, symlink, utimes } from 'node:fs/promises'
import type { OperationContext } from '../../contract/context.ts'
import { bytesOf, pathBelow } from '../directory/raw-path.ts'
import { hasCode } from '../../guard/process-table.ts'
import { inParallel } from './in-parallel.ts'
import { objectPath } from './layout.ts'
import type { FileEntry, LinkEntry, SealedManifest, TreeEntry } from './manifest.ts'

const filesAtOnce = 8

/** `top` must not exist. Everything is on disk when this resolves. */
export async function buildTree(
  ctx: OperationContext,
  manifest: SealedManifest,
  objects: string,
  top: string,
): Promise<void> {
  const folders = manifest.entries.filter((entry) => entry.type === 'directory')
  const owners = new Owners()
  for (const entry of folders) await mkdir(pathBelow(top, entry.path), { mode: 0o700 })
  await inParallel(manifest.entries, filesAtOnce, async (entry) => {
    ctx.signal.throwIfAborted()
    if (entry.type === 'file') await makeFile(entry, objects, pathBelow(top, entry.path), owners)
    if (entry.type === 'symlink') await makeLink(entry, pathBelow(top, entry.path), owners)
  })
  ctx.log.debug('The new tree has its contents')
  // Last and from the inside out: filling a folder changes its time, and its mode may forbid filling it.
  for (const entry of folders.toReversed()) {
    const place = pathBelow(top, entry.path)
    await owners.give(place, entry)
    await chmod(place, entry.mode)
    const time = secondsOf(entry.mtime)
    await utimes(place, time, time)
    await syncAt(place)
  }
  if (owners.refused > 0)
    ctx.log.warning(`The owners of ${owners.refused} entries could not be restored; that needs root`)
}

async function makeFile(entry: FileEntry, objects: string, place: Buffer, owners: Owners): Promise<void> {
  await copyFile(objectPath(objects, entry.digest), place, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  await owners.give(place, entry)
  await using file = await open(place, 'r+')
  const time = secondsOf(entry.mtime)
  await file.chmod(entry.mode)
  await file.utimes(time, time)
  await file.sync()
}

async function makeLink(entry: LinkEntry, place: Buffer, owners: Owners): Promise<void> {
  await symlink(bytesOf(entry.target), place)
  await owners.give(place, entry)
  const time = secondsOf(entry.mtime)
  await lutimes(place, time, time)
}

class Owners {
  refused = 0

  // Before the mode: a change of owner takes set-id bits away.
  async give(place: Buffer, entry: TreeEntry): Promise<void> {
    try {
      await lchown(place, entry.uid, entry.gid)
    } catch (thrown) {
      if (!hasCode(thrown, 'EPERM')) throw thrown
      this.refused += 1
    }
  }
}

async function syncAt(place: Buffer): Promise<void> {
  // A folder that only root may read is synced by root alone.
  const folder = await open(place, 'r').catch(() => undefined)
  await folder?.sync()
  await folder?.close()
}

// Node takes times as floating point seconds and cuts them to microseconds: half a microsecond more, and the cut gives
// the right one.
function secondsOf(nanoseconds: string): number {
  const microseconds = Number(BigInt(nanoseconds) / 1000n)
  return (microseconds + 0.5) / 1e6
}

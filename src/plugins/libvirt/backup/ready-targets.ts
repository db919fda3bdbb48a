// The files that a backup is written to, made by us where the folder is ours, too: empty images as large as the disks. Left
// to libvirt, QEMU makes each with a handful of jobs while the guest stands still, which is a good part of a cut.
import { constants } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { parseUri } from '../client/uri.ts'
import type { DomainDisk } from './disks.ts'
import { emptyImage, sizeOfImage } from './empty-image.ts'
import { diskFile } from './names.ts'
import type { Place } from './place.ts'

/**
 * True: all are there. That the hypervisor sees the same folder is not known by that, nor that a disk has not grown since:
 * then a backup into them does not begin, and they are to be removed.
 */
export async function readyTargets(place: Place, disks: readonly DomainDisk[]): Promise<boolean> {
  if (!place.isOurs || parseUri(place.hypervisor.uri).way !== 'unix') return false
  const areMade = await Promise.all(disks.map((disk) => makeTarget(place, disk).catch(() => false)))
  if (areMade.every(Boolean)) return true
  await removeTargets(
    place,
    disks.filter((_disk, index) => areMade[index]),
  )
  return false
}

/** Those that `readyTargets` has made. */
export async function removeTargets(place: Place, disks: readonly DomainDisk[]): Promise<void> {
  await Promise.all(disks.map(({ target }) => rm(pathOf(place, target), { force: true })))
}

const pathOf = ({ path, prefix }: Place, target: string): string => `${path}/${prefix}${diskFile(target)}`

async function makeTarget(place: Place, disk: DomainDisk): Promise<boolean> {
  const size = await sizeOf(disk)
  if (size === undefined) return false
  const { head, length } = emptyImage(size)
  const path = pathOf(place, disk.target)
  // Readable by nobody but the hypervisor, and never what a link leads to.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  await using file = await open(path, flags, 0o600)
  try {
    await file.write(head)
    await file.truncate(length)
  } catch (thrown) {
    await rm(path, { force: true })
    throw thrown
  }
  return true
}

/** Bytes, as the guest sees them. undefined: no file tells. */
async function sizeOf({ kind, format, path }: DomainDisk): Promise<bigint | undefined> {
  if (kind !== 'file' || path === undefined) return undefined
  // Without waiting: what stands there may be a pipe.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  if (format === 'qcow2') return sizeInHeader(file)
  const found = await file.stat({ bigint: true })
  return format === 'raw' && found.isFile() && found.size % 512n === 0n ? found.size : undefined
}

async function sizeInHeader(file: FileHandle): Promise<bigint | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 0)
  return sizeOfImage(buffer.subarray(0, bytesRead))
}

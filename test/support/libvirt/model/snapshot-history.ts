// Going back to a snapshot, and deleting one: what libvirt 9.0 does, with what it refuses.
import { existsSync, rmSync } from 'node:fs'
import type { XmlElement } from '../../../../src/plugins/libvirt/xml/element.ts'
import { blockJobTypes } from './block-jobs.ts'
import { type Disk, type Domain } from './domain.ts'
import { paused, running, shutOff } from './states.ts'
import { disksOf, withDiskSource } from './domain-xml.ts'
import { commitInto, readImage, writeImage, type Image } from './image.ts'
import { goOn, off, recall } from './power.ts'
import { childrenOf, descendantsOf, isExternal, type Snapshot } from './snapshots.ts'
import {
  internalError,
  operationFailed,
  operationInvalid,
  systemError,
  unsupportedConfiguration,
  VirError,
} from './vir-error.ts'

const revertFlags = { running: 1, paused: 2 } as const

/** @throws VirError 67 for an external snapshot */
export async function revertTo(domain: Domain, snapshot: Snapshot, flags: number): Promise<void> {
  if (isExternal(snapshot)) throw unsupportedConfiguration('revert to external snapshot not supported yet')
  if (domain.hasBlockJob) throw operationInvalid('domain has active block job')
  await domain.jobs.exclusive('remoteDispatchDomainRevertToSnapshot', async () => {
    if (domain.isActive) {
      off(domain, 7)
      domain.tellLifecycle('stoppedFromSnapshot')
      domain.tell({ id: 18, fields: { state: 2, reason: 1 } })
    }
    await domain.host.takes('revert', domain)
    mustHaveNoBitmaps(domain, snapshot)
    for (const disk of snapshot.disks.filter(({ kind }) => kind === 'internal'))
      restoreDisk(domain, disk.target, snapshot)
    domain.config = snapshot.inactiveDocument
    domain.currentSnapshot = snapshot
    run(domain, snapshot, flags)
    domain.tellLifecycle('definedFromSnapshot')
  })
}

/** QEMU ends at its start, and the domain stays off. @throws VirError 1 */
function mustHaveNoBitmaps(domain: Domain, snapshot: Snapshot): void {
  if (domain.checkpoints.size + domain.strayBitmaps.size === 0) return
  if (snapshot.saved) {
    domain.tellLifecycle('startedFromSnapshot')
    domain.move(shutOff, 6)
  }
  throw internalError('qemu unexpectedly closed the monitor: Device has active dirty bitmaps')
}

function restoreDisk(domain: Domain, target: string, snapshot: Snapshot): void {
  const disk = diskIn(domain, snapshot.inactiveDocument, target)
  const image = readImage(disk.path, disk.format)
  const blocks = image.saved.get(snapshot.name)
  if (!blocks) throw operationFailed(`Error: Nonexistent snapshot '${snapshot.name}' on '${disk.path}'`)
  image.blocks = new Map(blocks)
  writeImage(disk.path, image)
}

function diskIn(domain: Domain, document: XmlElement, target: string): Disk {
  const disk = domain.disks(document).find((one) => one.target === target)
  if (!disk) throw operationFailed(`no disk '${target}' in the snapshot`)
  return disk
}

function run(domain: Domain, snapshot: Snapshot, flags: number): void {
  const wanted = (flags & revertFlags.running) !== 0 ? running : (flags & revertFlags.paused) !== 0 ? paused : undefined
  const state = wanted ?? (snapshot.state === 'running' ? running : snapshot.state === 'paused' ? paused : shutOff)
  if (state === shutOff) return
  domain.id = domain.host.nextId()
  if (snapshot.saved) recall(domain, snapshot.saved)
  else domain.guest.boot()
  domain.live = snapshot.document
  domain.tellLifecycle('startedFromSnapshot')
  domain.move(paused, 7)
  if (state === running) goOn(domain, 4)
  domain.tellLifecycle(state === running ? 'resumedFromSnapshot' : 'suspendedFromSnapshot')
  if (domain.isAgentReachable) domain.tell({ id: 18, fields: { state: 1, reason: 2 } })
}

const deleteFlags = { children: 1, metadataOnly: 2, childrenOnly: 4 } as const

export async function deleteSnapshot(domain: Domain, snapshot: Snapshot, flags: number): Promise<void> {
  const isMetadataOnly = (flags & deleteFlags.metadataOnly) !== 0
  const isChildrenOnly = (flags & deleteFlags.childrenOnly) !== 0
  const below = (flags & deleteFlags.children) !== 0 || isChildrenOnly ? descendantsOf(domain, snapshot.name) : []
  const doomed = [...below.toReversed(), ...(isChildrenOnly ? [] : [snapshot])]
  if (!isMetadataOnly) for (const one of doomed) mustBeDeletable(domain, one)
  await domain.jobs.exclusive('remoteDispatchDomainSnapshotDelete', async () => {
    for (const one of doomed) {
      if (!isMetadataOnly) await dropData(domain, one)
      forget(domain, one)
    }
  })
}

/** Where data of both kinds lie in one chain, 9.0 cannot take them apart. @throws VirError 84 */
function mustBeDeletable(domain: Domain, snapshot: Snapshot): void {
  if (isExternal(snapshot)) {
    const parent = snapshot.parent === undefined ? undefined : domain.snapshots.get(snapshot.parent)
    if (parent && !isExternal(parent)) {
      throw notSupported('deleting external snapshot that has internal snapshot as parent not supported')
    }
    return
  }
  for (const { target, kind } of snapshot.disks) {
    if (kind !== 'internal' || sourceIn(snapshot.document, target) === sourceIn(domain.document, target)) continue
    throw notSupported(
      `disk image '${target}' for internal snapshot '${snapshot.name}' is not the same as disk image currently used by VM`,
    )
  }
}

const notSupported = (message: string): VirError => new VirError(84, `Operation not supported: ${message}`)

function sourceIn(document: XmlElement, target: string): string | undefined {
  const source = disksOf(document).find((disk) => disk.target === target)?.source
  return source && JSON.stringify(source)
}

async function dropData(domain: Domain, snapshot: Snapshot): Promise<void> {
  if (isExternal(snapshot)) {
    await domain.host.takes('commit', domain)
    for (const disk of snapshot.disks) if (disk.kind === 'external') mergeDown(domain, disk.target, disk.file ?? '')
    return
  }
  for (const { target, kind } of snapshot.disks) {
    if (kind !== 'internal') continue
    const disk = domain.disk(target)
    const image = readImage(disk.path, disk.format)
    image.saved.delete(snapshot.name)
    writeImage(disk.path, image)
  }
}

/** The overlay that the snapshot made goes into what it lies upon, and is gone. */
function mergeDown(domain: Domain, target: string, overlay: string): void {
  if (!existsSync(overlay)) throw systemError(`Cannot access storage file '${overlay}': No such file or directory`, 18)
  const base = readImage(overlay).backing
  if (!base) throw operationFailed(`snapshot merge of '${overlay}': it rests on nothing`)
  const isTop = domain.disk(target).path === overlay
  commitInto(base.path, overlay, base.format)
  if (domain.isActive) tellOfCommit(domain, target, isTop)
  if (isTop) useBase(domain, target, base)
  else relink(domain, overlay, base)
  redirect(domain, target, overlay, base)
  rmSync(overlay)
}

/** Snapshots whose state was in the overlay have it in its base now, and say so: seen in 9.0. */
function redirect(domain: Domain, target: string, overlay: string, base: NonNullable<Image['backing']>): void {
  for (const [name, one] of domain.snapshots) {
    if (domain.disks(one.document).find((disk) => disk.target === target)?.path !== overlay) continue
    const moved = (document: XmlElement) => withDiskSource(document, target, base.path, base.format)
    domain.snapshots.set(name, {
      ...one,
      document: moved(one.document),
      inactiveDocument: moved(one.inactiveDocument),
    })
  }
}

/** As of the block job that a running domain does it with. */
function tellOfCommit(domain: Domain, target: string, isTop: boolean): void {
  const type = isTop ? blockJobTypes.activeCommit : blockJobTypes.commit
  for (const status of isTop ? [3, 0] : [0]) domain.tell({ id: 16, fields: { dst: target, type, status } })
}

function useBase(
  domain: Domain,
  target: string,
  base: { readonly path: string; readonly format: 'qcow2' | 'raw' },
): void {
  domain.config = withDiskSource(domain.config, target, base.path, base.format)
  if (domain.live) domain.live = withDiskSource(domain.live, target, base.path, base.format)
}

/** Whatever rested on the overlay rests on its base. */
function relink(
  domain: Domain,
  overlay: string,
  base: { readonly path: string; readonly format: 'qcow2' | 'raw' },
): void {
  const tops = domain.disks().map((disk) => disk.path)
  const files = [...domain.snapshots.values()].flatMap((one) => one.disks.flatMap(({ file }) => file ?? []))
  for (const path of new Set([...tops, ...files])) {
    if (!existsSync(path)) continue
    const image = readImage(path)
    if (image.backing?.path !== overlay) continue
    image.backing = base
    writeImage(path, image)
  }
}

function forget(domain: Domain, snapshot: Snapshot): void {
  for (const child of childrenOf(domain, snapshot.name)) child.parent = snapshot.parent
  domain.snapshots.delete(snapshot.name)
  if (domain.currentSnapshot === snapshot) {
    domain.currentSnapshot = snapshot.parent === undefined ? undefined : domain.snapshots.get(snapshot.parent)
  }
}

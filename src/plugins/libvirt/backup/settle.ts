// What is owed after the cut: the end of the job, every byte read back, what the domain is made of, and the manifest.
import { Fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { AnyInputs } from '../../contract/operation.ts'
import { findDomain, hypervisorOfNode } from '../domain/domain-of.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Domain } from '../client/structs.ts'
import { appendToChain } from './chain.ts'
import { deleteOwed } from './checkpoints.ts'
import { backupFailed } from './errors.ts'
import { endOfJob } from './job.ts'
import { filesHere, filesIn, type FolderFiles } from './folder-files.ts'
import { takeKeptPlace } from './kept-places.ts'
import { linkTo } from './link.ts'
import { manifestOf, manifestText, readManifest } from './manifest.ts'
import { documentsOf } from './metadata.ts'
import { documentFiles, manifestFile } from './names.ts'
import { copyDisks } from './offline.ts'
import type { BackupPart, BackupReceipt, SavedFile } from './part.ts'
import { closePlace, leavePlace, openPlace, type Place } from './place.ts'
import { takeAllBack } from './take-back.ts'
import { findFile, refresh, savedFile } from './volumes.ts'

interface Scene {
  readonly ctx: OperationContext
  readonly hypervisor: Hypervisor
  readonly dom: Domain
  readonly place: Place
  readonly receipt: BackupReceipt
  /** This process has begun it, and nobody has settled anything of it. */
  readonly isKept: boolean
}

export async function settleDomain(
  ctx: OperationContext,
  receipt: BackupReceipt,
  inputs: AnyInputs,
): Promise<BackupPart> {
  const { hypervisor } = await hypervisorOfNode(ctx, { ...inputs })
  const { domain, name } = receipt
  const kept = takeKeptPlace(hypervisor, receipt.place, name)
  const place = kept ?? (await openPlace(ctx, hypervisor, { place: receipt.place, name }))
  if (place === undefined) throw backupFailed(domain.name, 'its folder or pool is gone')
  let dom: Domain | undefined
  try {
    dom = await findDomain(ctx, hypervisor, { uuid: domain.uuid })
    if (dom === undefined) throw backupFailed(domain.name, 'the domain is gone')
    const part = await settleIn({ ctx, hypervisor, dom, place, receipt, isKept: kept !== undefined })
    await closePlace(ctx, place)
    appendToChain(ctx, part)
    return part
  } catch (thrown) {
    await leavePlace(ctx, place).catch(() => {})
    // It came to nothing for good: no half of it stays.
    if (thrown instanceof Fault && thrown.code === 'libvirt.backup_failed')
      await takeBackSettled(ctx, { hypervisor, dom, receipt }).catch((also: unknown) =>
        ctx.log.warning(`What there is of '${name}' could not be taken back yet: ${(also as Error).message}`),
      )
    throw thrown
  }
}

// Its pool may have gone meanwhile, with the daemon.
async function takeBackSettled(
  ctx: OperationContext,
  { hypervisor, dom, receipt }: Pick<Scene, 'hypervisor' | 'receipt'> & { readonly dom: Domain | undefined },
): Promise<void> {
  const { name } = receipt
  const place = await openPlace(ctx, hypervisor, { place: receipt.place, name })
  await takeAllBack(ctx, { hypervisor, dom, place, name, files: filesOf(receipt) })
}

/** Whatever a backup with this receipt may have written. */
export function filesOf({ disks }: Pick<BackupReceipt, 'disks'>): readonly string[] {
  return [...disks.map(({ file }) => file), ...documentFiles]
}

async function settleIn(scene: Scene): Promise<BackupPart> {
  const { ctx, hypervisor, dom, place, receipt } = scene
  const files = scene.isKept ? filesHere(ctx, place) : await filesIn(ctx, place)
  const isNew = scene.isKept || !(await isFinished(scene, files))
  // What the domain is made of is gathered and written while its disks are copied.
  const documents = await files.write(...(await documentsOf(scene)))
  if (isNew) await copied(scene, files)
  const disks = await Promise.all(receipt.disks.map((disk) => settleDisk(scene, files, disk)))
  const all = [...disks, ...documents]
  const content = manifestText(manifestOf(receipt, ctx.operation.key, all))
  const manifest = savedFile(manifestFile, content)
  await files.write({ name: manifestFile, content })
  if (receipt.mode === 'live') await deleteOwed(ctx, { hypervisor, dom })
  const bytes = all.reduce((sum, file) => sum + file.bytes, 0)
  ctx.log.info(`Saved ${receipt.disks.length} disks of '${dom.name}', ${bytes} bytes, as '${receipt.name}'`)
  return { ...receipt, files: all, manifest, bytes, digest: manifest.sha256 }
}

async function copied(scene: Scene, files: FolderFiles): Promise<void> {
  const { ctx, hypervisor, dom, place, receipt } = scene
  if (receipt.mode === 'live') await waitForJob(scene)
  else await copyDisks(ctx, { hypervisor, dom, place }, receipt)
  await files.renew()
  ctx.log.debug(`Every disk of '${dom.name}' is copied`)
}

// A manifest is written when the job is known to have ended well: an earlier life of ours came that far.
async function isFinished({ ctx, receipt }: Scene, files: FolderFiles): Promise<boolean> {
  const content = await files.read(manifestFile)
  const manifest = content && readManifest(content)
  return manifest?.name === receipt.name && manifest.operation === ctx.operation.key
}

async function waitForJob({ ctx, hypervisor, dom, place, receipt }: Scene): Promise<void> {
  const targets = receipt.disks.map(({ target }) => target)
  const { problem } = await endOfJob(ctx, { hypervisor, dom, targets, path: `${place.path}/${place.prefix}` })
  if (problem !== null) throw backupFailed(dom.name, problem)
}

async function settleDisk(
  { ctx, place, receipt, dom }: Scene,
  files: FolderFiles,
  { file, mode }: BackupReceipt['disks'][number],
): Promise<SavedFile> {
  if (mode === 'incremental') await linkDisk(ctx, place, receipt, file)
  const digest = await files.digest(file)
  if (digest === undefined) throw backupFailed(dom.name, `'${file}' is not there`)
  return { name: file, ...digest }
}

async function linkDisk(ctx: OperationContext, place: Place, receipt: BackupReceipt, file: string): Promise<void> {
  await refresh(ctx, place)
  const vol = await findFile(ctx, place, file)
  if (vol !== undefined) await linkTo(ctx, place, vol, backingName(receipt, file))
}

/** As seen from the image itself, so that a folder of backups can be moved as a whole. */
export function backingName({ place, ancestors }: Pick<BackupReceipt, 'place' | 'ancestors'>, file: string): string {
  const parent = ancestors[0]?.name ?? ''
  return 'pool' in place ? `${parent}-${file}` : `../${parent}/${file}`
}

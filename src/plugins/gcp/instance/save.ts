// Copies of instances, in two halves: `cutInstance` resolves when the instant is past and the guest may go on, `settleInstance`
// when all of it was read back. Snapshots of each disk, or a machine image.
import { asFault, fault, withEffect } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Part, PartCheck, Receipt } from '../../contract/operation.ts'
import type { Project } from '../client/project.ts'
import { isDiskCopy, savedDisk, type DiskCopy } from '../disk/copy.ts'
import {
  checkSnapshot,
  cutSnapshot,
  deleteSnapshot,
  refuseTooMany,
  settleSnapshot,
  undoSnapshots,
} from '../disk/snapshot.ts'
import { findDisk, readDisk, type DiskView } from '../disk/views.ts'
import { cannot, copyDamaged } from '../errors.ts'
import type { Work } from '../work.ts'
import { checkImage, cutImage, deleteImage, refuseTooManyImages, settleImage, undoImage } from './machine-image.ts'
import { restingStates, untilResting } from './power.ts'
import { diskNameOf, readInstance, type AttachedDisk, type Instance, type InstanceRef } from './views.ts'

export const instanceKinds = { snapshot: 'gcp.instance_snapshots', backup: 'gcp.machine_image' } as const

export interface InstanceCopy extends Receipt {
  readonly kind: (typeof instanceKinds)[keyof typeof instanceKinds]
  /** Of the backup, for people. */
  readonly name: string
  readonly instance: { readonly id: string; readonly name: string; readonly zone: string }
  readonly machineImage: string | null
  /** Of a machine image, those that it puts back: what is a node of its own is put back there. */
  readonly disks: readonly DiskCopy[]
}

export interface SaveOptions {
  readonly kind: keyof typeof instanceKinds
  /** For people: `daily`. */
  readonly type: string
  readonly isFlushed: boolean
  /** Of disks that are saved otherwise. */
  readonly isLeft: (deviceName: string) => boolean
}

/** What a copy would be refused for. @throws Fault `gcp.not_copied`, `gcp.cannot`, `gcp.snapshot_rate` */
export async function checkInstance(project: Project, ref: InstanceRef, options: SaveOptions): Promise<void> {
  const instance = await readInstance(project, ref)
  if (!restingStates.some((state) => state === instance.status)) {
    throw cannot('instance', ref.name, 'copied', instance.status)
  }
  const disks = await disksToSave(project, ref, instance, options)
  if (options.kind === 'backup') await refuseTooManyImages(project, instance)
  else for (const { disk } of disks) await refuseTooMany(project, disk)
}

/** @throws Fault; what it made is taken back by `undoInstance`, also when it failed in the middle */
export async function cutInstance(work: Work, ref: InstanceRef, options: SaveOptions): Promise<InstanceCopy> {
  const { project } = work
  const instance = await untilResting(project, ref)
  const disks = await disksToSave(project, ref, instance, options)
  const isFlushed = options.isFlushed && instance.status === 'RUNNING'
  const { kind, type } = options
  const machineImage = kind === 'backup' ? await cutImage(work, instance, { type, isFlushed }) : null
  const snapshots =
    kind === 'backup'
      ? []
      : await all(disks.map(({ disk }) => cutSnapshot(work, { zone: ref.zone, disk, type, isFlushed })))
  const isCovered = machineImage === null && disks.length === 0
  if (isCovered) project.log.warning(`All disks of instance ${ref.name} are nodes of their own: they are saved there`)
  return {
    kind: instanceKinds[kind],
    providerId: machineImage ?? (isCovered ? `disks of ${ref.name}, in their own nodes` : snapshots.join(',')),
    name: work.backup ?? '',
    instance: { id: instance.id, name: ref.name, zone: ref.zone },
    machineImage,
    disks: disks.map(({ attached, disk }, index) => ({
      disk: savedDisk(ref.zone, disk),
      snapshot: snapshots[index] ?? null,
      machineImage,
      deviceName: attached.deviceName,
    })),
    // What is saved elsewhere has its label there.
    ...(isCovered ? { consistency: 'application' as const } : isFlushed ? { consistency: 'filesystem' as const } : {}),
  }
}

// All come to their end: none is left alone, and nobody takes what was done for nothing.
async function all<Value>(works: readonly Promise<Value>[]): Promise<readonly Value[]> {
  const ends = await Promise.allSettled(works)
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed === undefined) return ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  const problem = asFault(failed.reason)
  throw works.length > 1 && problem.effect === 'none' ? withEffect(problem, 'unknown') : failed.reason
}

interface Saved {
  readonly attached: AttachedDisk
  readonly disk: DiskView
}

async function disksToSave(
  project: Project,
  { zone }: InstanceRef,
  { disks = [] }: Instance,
  { isLeft }: SaveOptions,
): Promise<readonly Saved[]> {
  const saved: Saved[] = []
  for (const attached of disks) {
    if (attached.type === 'SCRATCH' || attached.source === undefined) throw notCopied(attached.deviceName, localSsd)
    const name = diskNameOf(attached)
    if (isLeft(attached.deviceName)) continue
    if (attached.source.includes('/regions/')) throw notCopied(name, 'it lies in several zones, which is not supported')
    const disk = await readDisk(project, zone, name)
    refuseOwnKey(disk)
    saved.push({ attached, disk })
  }
  return saved
}

const localSsd = 'it is a local SSD, of which there are no copies'

const notCopied = (disk: string, reason: string) => fault('gcp.not_copied', { details: { disk, reason } })

export function refuseOwnKey({ name, diskEncryptionKey: key }: DiskView): void {
  const hasOwn = key?.sha256 !== undefined && key.kmsKeyName === undefined
  if (hasOwn) throw notCopied(name, 'it is encrypted with a key that only its owner has')
}

/** Resolves when all of it was read back as usable. */
export async function settleInstance(work: Work, copy: InstanceCopy): Promise<InstanceCopy & Part> {
  if (copy.machineImage !== null) {
    const { totalStorageBytes } = await settleImage(work, copy.machineImage)
    return { ...copy, bytes: totalStorageBytes === undefined ? null : Number(totalStorageBytes), digest: null }
  }
  const settled = await all(copy.disks.map(({ snapshot }) => settleSnapshot(work, snapshot ?? '')))
  const bytes = settled.map(({ storageBytes }) => Number(storageBytes ?? 'NaN')).reduce((sum, one) => sum + one, 0)
  return { ...copy, bytes: Number.isFinite(bytes) ? bytes : null, digest: null }
}

/** Reads back, without changing anything, whether all of it is there and usable. */
export async function checkCopy(project: Project, { machineImage, disks }: InstanceCopy): Promise<PartCheck> {
  const checks =
    machineImage === null
      ? await Promise.all(disks.map(({ snapshot }) => checkSnapshot(project, snapshot ?? '')))
      : [await checkImage(project, machineImage)]
  return checks.find(({ isUsable }) => !isUsable) ?? { isUsable: true, isMissing: false, reason: null }
}

/** What is gone is as good. */
export async function deleteCopy(project: Project, { machineImage, disks }: InstanceCopy): Promise<void> {
  if (machineImage !== null) await deleteImage(project, machineImage)
  await all(
    disks.map(({ snapshot }) => (snapshot === null ? undefined : deleteSnapshot(project, snapshot))).filter(isWork),
  )
}

const isWork = (one: Promise<void> | undefined): one is Promise<void> => one !== undefined

/** What a piece of work made, whether or not its outcome is known. */
export async function undoInstance(work: Work, ref: InstanceRef, instance: Instance): Promise<void> {
  const disks: DiskView[] = []
  for (const attached of instance.disks ?? []) {
    const disk =
      attached.source === undefined ? undefined : await findDisk(work.project, ref.zone, diskNameOf(attached))
    if (disk !== undefined) disks.push(disk)
  }
  await undoImage(work, instance.id)
  await undoSnapshots(work, ref.zone, disks)
}

/** undefined: there is none, or it is of another kind. @throws Fault `gcp.copy_damaged` */
export function instanceCopyIn(value: Json | undefined): InstanceCopy | undefined {
  if (value === undefined || !isJsonObject(value)) return undefined
  if (!Object.values<Json | undefined>(instanceKinds).includes(value['kind'])) return undefined
  const { instance, disks, providerId } = value
  if (isJsonObject(instance ?? null) && Array.isArray(disks) && (disks as readonly Json[]).every(isDiskCopy)) {
    return value as unknown as InstanceCopy
  }
  throw copyDamaged(String(providerId), 'what the catalog recorded of it is not complete')
}

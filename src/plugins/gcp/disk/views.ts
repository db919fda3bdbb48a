// Disks, snapshots and machine images as Compute Engine shows them: only what is read of them.
import type { JsonObject } from '../../../kernel/json.ts'
import { pathOf, type Project } from '../client/project.ts'
import { missing } from '../errors.ts'
import { labelNames, placeName } from '../names.ts'

export interface DiskView {
  readonly id: string
  readonly name: string
  readonly selfLink: string
  readonly zone?: string
  readonly status: string
  readonly sizeGb: string
  readonly type: string
  readonly description?: string
  readonly labels?: JsonObject
  readonly users?: readonly string[]
  readonly resourcePolicies?: readonly string[]
  readonly provisionedIops?: string
  readonly provisionedThroughput?: string
  readonly diskEncryptionKey?: { readonly kmsKeyName?: string; readonly sha256?: string }
}

export interface SnapshotView {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly sourceDisk?: string
  readonly sourceDiskId?: string
  readonly diskSizeGb?: string
  readonly storageBytes?: string
  readonly creationTimestamp?: string
  readonly labels?: JsonObject
}

export interface MachineImageView {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly description?: string
  readonly labels?: JsonObject
  readonly sourceInstance?: string
  readonly totalStorageBytes?: string
  readonly creationTimestamp?: string
}

export const diskPath = (zone: string, name: string): string => pathOf`/zones/${zone}/disks/${name}`
export const snapshotPath = (name: string): string => pathOf`/global/snapshots/${name}`
export const imagePath = (name: string): string => pathOf`/global/machineImages/${name}`

export const findDisk = (project: Project, zone: string, name: string): Promise<DiskView | undefined> =>
  project.find<DiskView>({ path: diskPath(zone, name) })

export const findSnapshot = (project: Project, name: string): Promise<SnapshotView | undefined> =>
  project.find<SnapshotView>({ path: snapshotPath(name) })

export const findImage = (project: Project, name: string): Promise<MachineImageView | undefined> =>
  project.find<MachineImageView>({ path: imagePath(name) })

/** By its name; where that is gone after a restore, what stands in its place. */
export async function diskInPlace(project: Project, zone: string, name: string): Promise<DiskView | undefined> {
  const disk = await findDisk(project, zone, name)
  if (disk !== undefined) return disk
  const query = { filter: `labels.${labelNames.place} = ${placeName(name)}` }
  for await (const one of project.pages<DiskView>({ path: pathOf`/zones/${zone}/disks`, query })) {
    if (one.labels?.[labelNames.place] === placeName(name) && (one.users ?? []).length > 0) return one
  }
  return undefined
}

/** @throws Fault `gcp.missing` */
export async function readDisk(project: Project, zone: string, name: string): Promise<DiskView> {
  const disk = await findDisk(project, zone, name)
  if (disk === undefined) throw missing('disk', name)
  return disk
}

// A new disk with what a copy holds, like the one that was copied.
import { seconds } from '../../../kernel/duration.ts'
import { pathOf } from '../client/project.ts'
import { copyDamaged } from '../errors.ts'
import { labelNames, placeName, successorName } from '../names.ts'
import { labelsOf, makeOnce, type Work } from '../work.ts'
import { gone } from './snapshot.ts'
import type { DiskCopy } from './copy.ts'
import { diskPath, findDisk, type DiskView } from './views.ts'

export const partOfCopy = ({ snapshot, machineImage, deviceName }: DiskCopy): string =>
  `disk/${snapshot ?? machineImage ?? ''}/${deviceName ?? ''}`

/** Two copies of one work never make a disk of the same name. */
export const newDiskName = (work: Pick<Work, 'key'>, copy: DiskCopy): string =>
  successorName(copy.disk.name, `${work.key}#${partOfCopy(copy)}`)

/** `sizeGb`: of the disk whose place it takes, which may have grown since. */
export async function diskFromCopy(work: Work, copy: DiskCopy, sizeGb?: string): Promise<DiskView> {
  const { project } = work
  const { disk, snapshot, machineImage, deviceName } = copy
  const name = newDiskName(work, copy)
  const part = partOfCopy(copy)
  const { zone, kmsKeyName, description, provisionedIops, provisionedThroughput, resourcePolicies } = disk
  const source =
    machineImage === null
      ? { sourceSnapshot: `global/snapshots/${snapshot ?? ''}` }
      : imageSource(machineImage, deviceName)
  const made = await makeOnce<DiskView>(work, {
    part,
    kind: 'disk',
    name,
    find: () => findDisk(project, zone, name),
    change: {
      path: pathOf`/zones/${zone}/disks`,
      // Only there can a disk be made of a machine image.
      version: machineImage === null ? 'v1' : 'beta',
      limit: seconds(3600),
      body: {
        name,
        type: partial(disk.type),
        sizeGb: larger(disk.sizeGb, sizeGb),
        labels: { ...disk.labels, ...labelsOf(work, part), [labelNames.place]: placeName(disk.name) },
        ...source,
        ...(description === null ? {} : { description }),
        ...(resourcePolicies.length === 0 ? {} : { resourcePolicies: resourcePolicies.map(partial) }),
        ...(kmsKeyName === null ? {} : { diskEncryptionKey: { kmsKeyName } }),
        ...(provisionedIops === null ? {} : { provisionedIops }),
        ...(provisionedThroughput === null ? {} : { provisionedThroughput }),
      },
    },
  })
  if (made.status === 'FAILED')
    throw copyDamaged(snapshot ?? machineImage ?? name, `disk '${name}' made of it has failed`)
  return made
}

function imageSource(machineImage: string, deviceName: string | null): Readonly<Record<string, string>> {
  return {
    sourceMachineImage: `global/machineImages/${machineImage}`,
    sourceMachineImageDiskDeviceName: deviceName ?? '',
  }
}

/** By its id: another one of that name is not it. */
export async function dropDisk(
  { project }: Pick<Work, 'project'>,
  zone: string,
  { name, id }: Pick<DiskView, 'name' | 'id'>,
): Promise<void> {
  const there = await findDisk(project, zone, name)
  if (there?.id !== id) return
  await gone(project, 'disk', name, diskPath(zone, name), () => findDisk(project, zone, name))
}

/** An address without its host: the part that stays the same through whatever one reaches it. */
export function partial(url: string): string {
  return url.replace(/^https?:\/\/.*?\/(?=projects\/)/, '')
}

function larger(one: string, other: string | undefined): string {
  return other !== undefined && Number(other) > Number(one) ? other : one
}

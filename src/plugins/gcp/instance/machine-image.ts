// Machine images: all disks of an instance and what it is like, captured at one instant. They need nothing of the instance.
import { fault } from '../../../kernel/fault.ts'
import { seconds } from '../../../kernel/duration.ts'
import type { PartCheck } from '../../contract/operation.ts'
import type { Project } from '../client/project.ts'
import { partial } from '../disk/new-disk.ts'
import { copiesPerHour, copyLimit, gone, untilCaptured, untilNothingBegun } from '../disk/snapshot.ts'
import { findImage, imagePath, type MachineImageView } from '../disk/views.ts'
import { errorState } from '../errors.ts'
import { copyName, tagOf } from '../names.ts'
import { until } from '../../http/wait.ts'
import { untilStatus } from '../wait.ts'
import { beginOnce, type Work } from '../work.ts'
import type { Instance } from './views.ts'

const part = 'machine-image'

export const imageName = (work: Work, instanceId: string): string =>
  copyName(work.backup ?? 'copy', instanceId, work.key)

/** Its name. What it made is taken back by `undoImage`, also when it failed in the middle. */
export async function cutImage(
  work: Work,
  instance: Instance,
  { type, isFlushed }: { readonly type: string; readonly isFlushed: boolean },
): Promise<string> {
  const { project } = work
  const name = imageName(work, instance.id)
  const operation = await beginOnce<MachineImageView>(work, {
    part,
    kind: 'machine image',
    name,
    find: () => findImage(project, name),
    isOurs: (image) => isOurs(work, image),
    change: {
      path: '/global/machineImages',
      body: {
        name,
        sourceInstance: partial(instance.selfLink),
        // Not every version of the API knows labels of machine images.
        description: `${type} of ${instance.name}, for ${work.node} (${tagOf({ key: work.key, part })})`,
        ...(isFlushed ? { guestFlush: true } : {}),
      },
    },
  })
  await untilCaptured(work, 'machine image', name, operation, () => findImage(project, name))
  return name
}

const isOurs = (work: Work, { description = '' }: MachineImageView): boolean =>
  description.includes(tagOf({ key: work.key, part }))

export async function settleImage({ project, copyLimit: given }: Work, name: string): Promise<MachineImageView> {
  const read = async (): Promise<MachineImageView> => {
    const found = await findImage(project, name)
    if (found === undefined) throw fault('gcp.missing', { details: { kind: 'machine image', name } })
    return found
  }
  return untilStatus(project, read, {
    kind: 'machine image',
    id: name,
    wanted: ['READY'],
    deadline: given ?? copyLimit,
    status: ({ status }) => status,
  })
}

export async function checkImage(project: Project, name: string): Promise<PartCheck> {
  const found = await findImage(project, name)
  if (found === undefined) return { isUsable: false, isMissing: true, reason: `machine image '${name}' is gone` }
  const isUsable = found.status === 'READY'
  return {
    isUsable,
    isMissing: false,
    reason: isUsable ? null : `machine image '${name}' is in status ${found.status}`,
  }
}

export async function deleteImage(project: Project, name: string): Promise<void> {
  const there = await findImage(project, name)
  if (there === undefined) return
  await until(project, () => findImage(project, name), {
    isDone: (found) => found?.status !== 'CREATING' && found?.status !== 'UPLOADING',
    deadline: copyLimit,
    late: () => errorState('machine image', name, there.status, 'it can be deleted only when it is uploaded'),
  })
  await gone(project, 'machine image', name, imagePath(name), () => findImage(project, name))
}

/** What a piece of work made of it, whether or not its outcome is known. */
export async function undoImage(work: Work, instanceId: string): Promise<void> {
  const { project } = work
  const name = imageName(work, instanceId)
  await untilNothingBegun(project, '/global', ({ targetLink }) => targetLink?.endsWith(`/machineImages/${name}`))
  const found = await findImage(project, name)
  if (found !== undefined && isOurs(work, found)) await deleteImage(project, name)
}

/** @throws Fault `gcp.snapshot_rate`: told before anybody is frozen for it */
export async function refuseTooManyImages(project: Project, instance: Instance): Promise<void> {
  const now = project.world.clock.now()
  let count = 0
  for await (const { sourceInstance = '', creationTimestamp = '' } of project.pages<MachineImageView>({
    path: '/global/machineImages',
  })) {
    const isSame = sourceInstance !== '' && partial(sourceInstance) === partial(instance.selfLink)
    if (isSame && now - Date.parse(creationTimestamp) < 3_600_000) count += 1
  }
  if (count < copiesPerHour) return
  throw fault('gcp.snapshot_rate', {
    details: { kind: 'instance', name: instance.name, count, most: copiesPerHour },
    after: seconds(600),
  })
}

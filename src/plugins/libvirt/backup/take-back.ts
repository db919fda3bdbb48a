// Takes back what a backup has made: its job, its files, its folder, its checkpoint. By the names on record, never by a
// pattern; what others put beside stays.
import type { OperationContext } from '../../contract/context.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Domain } from '../client/structs.ts'
import { deleteCheckpoint } from './checkpoints.ts'
import { abortJob, goOnAfterJob } from './job.ts'
import { checkpointName } from './names.ts'
import { leavePlace, removePlace, type Place } from './place.ts'
import { refresh, removeFile } from './volumes.ts'

export interface Made {
  readonly hypervisor: Hypervisor
  /** undefined: the domain is gone, and with it its job and checkpoints. */
  readonly dom: Domain | undefined
  /** undefined: its folder is gone. */
  readonly place: Place | undefined
  readonly name: string
  readonly files: readonly string[]
  /** It came to its end long ago: whatever stops the guest now is not of this backup. */
  readonly isSettled?: boolean
}

/** The folder stays, for the next attempt. */
export async function takeBack(ctx: OperationContext, made: Made): Promise<void> {
  const { hypervisor, dom, place, name, files, isSettled = false } = made
  if (dom !== undefined) {
    if (place !== undefined) {
      await abortJob(ctx, { hypervisor, dom, path: `${place.path}/${place.prefix}` })
      if (!isSettled) await goOnAfterJob(ctx, { hypervisor, dom })
    }
    await deleteCheckpoint(ctx, { hypervisor, dom }, checkpointName(name))
  }
  if (place === undefined) return
  await refresh(ctx, place)
  for (const file of files) {
    await removeFile(ctx, place, `${file}.new`)
    await removeFile(ctx, place, file)
  }
}

export async function takeAllBack(ctx: OperationContext, made: Made): Promise<void> {
  const { place } = made
  try {
    await takeBack(ctx, made)
  } catch (thrown) {
    if (place) await leavePlace(ctx, place)
    throw thrown
  }
  if (place === undefined || (await removePlace(ctx, place))) return
  ctx.log.warning(`Something that is not of this backup is left in '${place.path}', and stays there`)
}

// A deadman on a host as the side that armed it knows it: enough to find it again from another process.
import { createHash } from 'node:crypto'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'

export interface GuestHandle {
  readonly [key: string]: Json
  readonly kind: 'ssh'
  readonly token: string
  readonly id: string
  /** Its folder on the host. */
  readonly folder: string
  readonly pid: number
  readonly startTime: number
  /** What has to be added to the host's time since boot, in milliseconds, to come to our clock. */
  readonly clockOffset: number
}

/** Undefined when it is the handle of no deadman of ours. It comes from outside, so its folder must be one of ours, too. */
export function guestHandleFrom(value: Json | undefined): GuestHandle | undefined {
  if (value === undefined || !isJsonObject(value) || value['kind'] !== 'ssh') return undefined
  const { token, id, folder, pid, startTime, clockOffset } = value
  if (typeof token !== 'string' || typeof id !== 'string' || typeof folder !== 'string') return undefined
  if (typeof pid !== 'number' || typeof startTime !== 'number' || typeof clockOffset !== 'number') return undefined
  if (!isDeadmanFolder(folder)) return undefined
  return { kind: 'ssh', token, id, folder, pid, startTime, clockOffset }
}

/** True for a folder as the scripts make it for a deadman, in memory. */
export function isDeadmanFolder(folder: string): boolean {
  return /^\/(?:dev\/shm|run|run\/user\/\d+)\/fermata-\d+\/[0-9a-f]+\/[a-z0-9]+$/.test(folder)
}

type Owner = Pick<OperationContext, 'stateDirectory' | 'deployment' | 'instance'>

/** Tells an instance from all others that this process works on. */
export const instanceIdentity = ({ stateDirectory, deployment, instance }: Owner): string =>
  [stateDirectory, deployment.id, instance.id].join('\0')

/** Names an instance of this state directory among all that are frozen on a host. */
export function instanceName(ctx: Owner): string {
  return createHash('sha256').update(instanceIdentity(ctx)).digest('hex').slice(0, 24)
}

// The deadman beside a hypervisor on this machine: a guard that talks to its socket.
import { createHash } from 'node:crypto'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seconds, type Duration, type Instant } from '../../../kernel/duration.ts'
import type { Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { DeadmanRequest } from '../../contract/deadman.ts'
import { handleFrom, markerOf, removeFilesOf, type GuardHandle } from '../../guard/handle.ts'
import { extendGuard, notArmed } from '../../guard/launch.ts'
import { hasProcessTable } from '../../guard/process-table.ts'
import { isRuntimeFolder, readRecord, runtimeFolder } from '../../guard/record-file.ts'
import { addWatch, dismissWatch, readyGuard } from '../../guard/shared.ts'
import { sweepRuntimeFolder } from '../../guard/sweep.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import type { DomainGuardRequest } from './guard-request.ts'

const program = fileURLToPath(new URL(`./guard${extname(import.meta.url)}`, import.meta.url))
const leavePatience = seconds(2)
/** As long as its thaw may take when the agent is slow. */
const thawPatience = seconds(60)
const noFolder = 'no folder for the record of a guard is safe to use: /dev/shm/fermata-UID must be ours, mode 0700'

/** Null when a guard on this machine would do: one elsewhere would hang on the network. */
export function whyNotBesideSocket(uri: string): string | null {
  if (!isLocal(uri))
    return 'the hypervisor is on another machine, and is reached neither by its own socket nor over SSH'
  if (!hasProcessTable()) return 'this system has no /proc, by which a guard is known'
  return runtimeFolder(process.env) === undefined ? noFolder : null
}

function isLocal(uri: string): boolean {
  const [, transport = '', rest = ''] = /^[^:+]+(?:\+([^:]+))?:\/\/(.*)$/s.exec(uri) ?? []
  return (transport === '' || transport === 'unix') && rest.startsWith('/')
}

/** For who is about to arm: the guard is there by then. */
export const readyBesideSocket = (): void => readyGuard(program)

export async function armBesideSocket(
  ctx: OperationContext,
  { dom, settings }: NodeDomain,
  request: DeadmanRequest,
): Promise<GuardHandle> {
  const folder = runtimeFolder(process.env)
  if (folder === undefined) throw notArmed(noFolder)
  sweepRuntimeFolder(folder, ctx.world.clock.now())
  const name = createHash('sha256').update(`${settings.uri}\0${dom.uuid}`).digest('hex').slice(0, 24)
  const guardRequest: DomainGuardRequest = {
    token: request.token,
    lease: request.lease,
    maximum: request.maximum ?? request.lease,
    uri: settings.uri,
    domain: { name: dom.name, uuid: dom.uuid },
    recordPath: join(folder, `${name}.armed`),
    folder,
  }
  const before = readRecord(guardRequest.recordPath)
  const handle = await addWatch(ctx, { program, request: guardRequest, patience: thawPatience })
  // Only now: a guest that is frozen already must not be without a guard for a moment.
  if (before) {
    const { guard, watch = '' } = before
    await dismissWatch(ctx, { program, guard: { ...guard, watch }, folder, patience: leavePatience })
  }
  return handle
}

export async function extendBesideSocket(ctx: OperationContext, handle: GuardHandle, lease: Duration): Promise<void> {
  await extendGuard(ctx, handle, lease)
}

export async function disarmBesideSocket(ctx: OperationContext, handle: GuardHandle): Promise<Instant | null> {
  const folder = dirname(handle.record)
  const patience = handle.patience + leavePatience
  // It comes from outside.
  if (isRuntimeFolder(folder)) await dismissWatch(ctx, { program, guard: handle, folder, patience })
  const fired = markerOf(handle)
  removeFilesOf(handle)
  return fired?.firedAt ?? null
}

export const guardHandleFrom = (handle: Json): GuardHandle | undefined => handleFrom(handle)

// The deadman of a process: a guard on this machine, kept in the runtime properties of the instance while it is armed.
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seconds } from '../../kernel/duration.ts'
import type { Json } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'
import type { Deadman, DeadmanProbe, DeadmanRequest } from '../contract/deadman.ts'
import { handleFrom, markerOf, removeFilesOf, type GuardHandle } from '../guard/handle.ts'
import { dismissGuard, extendGuard, launchGuard, notArmed } from '../guard/launch.ts'
import { isSameProcess } from '../guard/process-table.ts'
import { readRecord, runtimeFolder } from '../guard/record-file.ts'
import { sweepRuntimeFolder } from '../guard/sweep.ts'
import type { GuardRequest } from './guard/request.ts'
import { keyMark, processSettings } from './process/process-settings.ts'
import { isDownAndMayBe, runningProcess } from './process/running-process.ts'
import { isSuspended } from './process/suspension.ts'

const leavePatience = seconds(2)
const program = fileURLToPath(new URL(`./guard/guard${extname(import.meta.url)}`, import.meta.url))

export const processDeadman: Deadman = { kind: 'host', probe, arm, extend: extendGuard, disarm }

/** The guard this instance was armed with last. */
export function guardOf(ctx: OperationContext): GuardHandle | undefined {
  return handleFrom(ctx.instance.runtimeProperties['guard'])
}

async function probe(ctx: OperationContext): Promise<DeadmanProbe> {
  if (isDownAndMayBe(ctx)) return { kind: 'none', longestHold: null, reason: 'the process does not run' }
  if (runtimeFolder(process.env) === undefined) return { kind: 'none', longestHold: null, reason: noFolder }
  return { kind: 'host', longestHold: null, reason: null }
}

async function arm(ctx: OperationContext, request: DeadmanRequest): Promise<GuardHandle> {
  const guardRequest = await describe(ctx, request)
  sweepRuntimeFolder(guardRequest.folder, ctx.world.clock.now())
  const before = readRecord(guardRequest.recordPath)?.guard
  const patience = guardRequest.finalize?.timeout ?? 0
  const handle = await launchGuard(ctx, { program, request: guardRequest, patience })
  ctx.instance.runtimeProperties['guard'] = handle
  await ctx.save()
  // Only now: a process that is frozen already must not be without a guard for a moment.
  if (before) await dismissGuard(ctx, before, leavePatience)
  return handle
}

async function describe(ctx: OperationContext, request: DeadmanRequest): Promise<GuardRequest> {
  const target = runningProcess(ctx)
  const { finalize } = await processSettings(ctx)
  const folder = runtimeFolder(process.env)
  if (folder === undefined) throw notArmed(noFolder)
  return {
    token: request.token,
    lease: request.lease,
    maximum: request.maximum ?? request.lease,
    target: { pid: target.pid, startTime: target.startTime, bootId: target.bootId },
    mark: keyMark(target.key),
    leaveStopped: isSuspended(ctx),
    finalize,
    recordPath: join(folder, `${target.pid}-${target.startTime}.armed`),
    folder,
  }
}

async function disarm(ctx: OperationContext, given: Json): Promise<{ readonly firedAt: number | null }> {
  const handle = handleFrom(given)
  if (!handle) return { firedAt: null }
  await dismissGuard(ctx, handle, handle.patience + leavePatience)
  const fired = markerOf(handle)
  removeFilesOf(handle)
  const armed = guardOf(ctx)
  if (armed && isSameProcess(armed, handle)) {
    delete ctx.instance.runtimeProperties['guard']
    await ctx.save()
  }
  return { firedAt: fired?.firedAt ?? null }
}

const noFolder = 'no folder for its record is safe to use: /dev/shm/fermata-UID must be ours, mode 0700'

// Arms and disarms the guard of a process: a detached program of its own, found again by pid and start time.
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { seconds, type Duration } from '../../kernel/duration.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'
import type { Deadman, DeadmanRequest } from '../contract/deadman.ts'
import { bootId, isAlive, type ProcessIdentity } from './guard/process-table.ts'
import { isRuntimeFolder, readRecord, runtimeFolder } from './guard/record-file.ts'
import type { GuardRequest } from './guard/request.ts'
import { dismissGuard, launchGuard, notArmed } from './guard-process.ts'
import { keyMark, processSettings } from './process/process-settings.ts'
import { runningProcess } from './process/running-process.ts'
import { isSuspended } from './process/suspension.ts'

/** All that is needed to find the guard from another process. */
export interface GuardHandle extends ProcessIdentity {
  readonly [key: string]: Json
  readonly token: string
  /** The file the guard leaves when it fires. */
  readonly marker: string
  /** The file that names the guard in charge. */
  readonly record: string
  /** How long the guard's finalize hook may take. */
  readonly hookTimeout: Duration
}

const leavePatience = seconds(2)

export const processDeadman: Deadman = { kind: 'host', arm, disarm }

/** The guard this instance was armed with last. */
export function guardOf(ctx: OperationContext): GuardHandle | undefined {
  const { guard } = ctx.instance.runtimeProperties
  return guard === undefined ? undefined : handleFrom(guard)
}

/** True while the guard lives, is the one in charge, and has not fired. */
export function isOnWatch(handle: GuardHandle | undefined): boolean {
  if (!handle || !isAlive(handle)) return false
  const record = readRecord(handle.record)
  return record !== undefined && isSame(record.guard, handle) && record.firedAt === null
}

async function arm(ctx: OperationContext, request: DeadmanRequest): Promise<GuardHandle> {
  const guardRequest = await describe(ctx, request)
  const before = readRecord(guardRequest.recordPath)?.guard
  const answer = await launchGuard(ctx, guardRequest)
  const handle: GuardHandle = {
    pid: answer.pid,
    startTime: answer.startTime,
    bootId: bootId(),
    token: request.token,
    marker: answer.marker,
    record: guardRequest.recordPath,
    hookTimeout: guardRequest.finalize?.timeout ?? 0,
  }
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
  if (folder === undefined)
    throw notArmed('no folder for its record is safe to use: /dev/shm/fermata-UID must be ours, mode 0700')
  return {
    token: request.token,
    lease: request.lease,
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
  await dismissGuard(ctx, handle, handle.hookTimeout + leavePatience)
  const fired = readRecord(handle.marker)
  for (const path of [handle.marker, handle.record]) removeRecordOf(handle, path)
  if (isSame(guardOf(ctx), handle)) {
    delete ctx.instance.runtimeProperties['guard']
    await ctx.save()
  }
  return { firedAt: fired?.token === handle.token ? fired.firedAt : null }
}

// A handle comes from outside: only a file in our own folder that this very guard wrote is taken away. A newer guard of
// the same freeze keeps its record.
function removeRecordOf(guard: GuardHandle, path: string): void {
  const record = isRuntimeFolder(dirname(path)) ? readRecord(path) : undefined
  if (record?.token === guard.token && isSame(record.guard, guard)) rmSync(path, { force: true })
}

function isSame(left: ProcessIdentity | undefined, right: ProcessIdentity): boolean {
  return left?.pid === right.pid && left.startTime === right.startTime && left.bootId === right.bootId
}

function handleFrom(value: Json): GuardHandle | undefined {
  if (!isJsonObject(value)) return undefined
  const { pid, startTime, token, marker, record, hookTimeout } = value
  if (typeof pid !== 'number' || typeof startTime !== 'number') return undefined
  if (typeof token !== 'string' || typeof marker !== 'string' || typeof record !== 'string') return undefined
  return {
    pid,
    startTime,
    bootId: String(value['bootId']),
    token,
    marker,
    record,
    hookTimeout: Number(hookTimeout) || 0,
  }
}

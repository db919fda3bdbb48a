// Arms and disarms the guard of a process: a detached program of its own, found again by pid and start time.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { seconds, type Duration } from '../../kernel/duration.ts'
import { fault } from '../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'
import type { Deadman, DeadmanRequest } from '../contract/deadman.ts'
import { bootId, hasCode, isAlive, type ProcessIdentity } from './guard/process-table.ts'
import { isRuntimeFolder, readRecord, runtimeFolder } from './guard/record-file.ts'
import type { GuardRequest } from './guard/request.ts'
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

const armPatience = seconds(10)
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
  const answer = await launch(ctx, guardRequest)
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
  if (before) await dismiss(ctx, before, leavePatience)
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

async function launch(ctx: OperationContext, request: GuardRequest): Promise<GuardAnswerFields> {
  const program = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './guard/guard.ts' : './guard/guard.js', import.meta.url),
  )
  const flags = ['--disable-warning=ExperimentalWarning', '--max-old-space-size=32']
  const child = spawn(process.execPath, [...flags, program], {
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  try {
    return await firstAnswer(ctx, child, JSON.stringify(request))
  } catch (thrown) {
    child.kill('SIGKILL')
    throw thrown
  } finally {
    child.stdout.destroy()
    child.stdin.destroy()
    child.unref()
  }
}

type GuardChild = ChildProcessByStdio<Writable, Readable, null>
type GuardAnswerFields = { readonly pid: number; readonly startTime: number; readonly marker: string }

async function firstAnswer(ctx: OperationContext, child: GuardChild, request: string): Promise<GuardAnswerFields> {
  const over = new AbortController()
  const late = ctx.world.clock.sleep(armPatience, AbortSignal.any([over.signal, ctx.signal])).then(() => {
    throw notArmed('the guard did not answer in time')
  })
  const line = new Promise<string>((resolve, reject) => {
    let text = ''
    child.once('error', (error) => reject(notArmed(error.message)))
    child.once('exit', (code) => reject(notArmed(`the guard ended at once (exit code ${code})`)))
    child.stdin.on('error', () => undefined)
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      if (text.includes('\n')) resolve(text)
    })
    child.stdin.end(request)
  })
  try {
    return answerFrom(await Promise.race([line, late]))
  } finally {
    late.catch(() => undefined)
    over.abort()
  }
}

function answerFrom(line: string): GuardAnswerFields {
  const value: unknown = JSON.parse(line)
  const isAnswer =
    typeof value === 'object' && value !== null && 'pid' in value && 'startTime' in value && 'marker' in value
  if (!isAnswer) throw notArmed('the guard gave an answer that is none')
  return { pid: Number(value.pid), startTime: Number(value.startTime), marker: String(value.marker) }
}

async function disarm(ctx: OperationContext, given: Json): Promise<{ readonly firedAt: number | null }> {
  const handle = handleFrom(given)
  if (!handle) return { firedAt: null }
  await dismiss(ctx, handle, handle.hookTimeout + leavePatience)
  const fired = readRecord(handle.marker)
  for (const path of [handle.marker, handle.record]) removeRecordOf(handle, path)
  if (isSame(guardOf(ctx), handle)) {
    delete ctx.instance.runtimeProperties['guard']
    await ctx.save()
  }
  return { firedAt: fired?.token === handle.token ? fired.firedAt : null }
}

/** Ends a guard. One that is just firing is given the time to finish. */
async function dismiss(ctx: OperationContext, guard: ProcessIdentity, patience: Duration): Promise<void> {
  const { clock } = ctx.world
  const end = clock.monotonic() + patience
  signalGuard(guard, 'SIGTERM')
  while (isAlive(guard)) {
    if (clock.monotonic() > end) signalGuard(guard, 'SIGKILL')
    await clock.sleep(5)
  }
}

function signalGuard(guard: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(guard)) return
  try {
    process.kill(guard.pid, signal)
  } catch (thrown) {
    if (!hasCode(thrown, 'ESRCH')) throw thrown
  }
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

const notArmed = (reason: string): Error => fault('freeze.not_armed', { details: { reason } })

// A guard as a process: starts it, hears its answer, asks it for more time, ends it.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { rmSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { seconds, type Duration } from '../../kernel/duration.ts'
import { fault } from '../../kernel/fault.ts'
import type { OperationContext } from '../contract/context.ts'
import type { DeadmanHandle } from '../contract/deadman.ts'
import { handleFrom, isOnWatch, type GuardHandle } from './handle.ts'
import { bootId, hasCode, isAlive, type ProcessIdentity } from './process-table.ts'
import { isRuntimeFolder, readRecord, replaceFile } from './record-file.ts'
import { extensionPath, type ExtensionRequest, type GuardAnswer, type WatchRequest } from './record.ts'

export const armPatience = seconds(10)
const extendPatience = seconds(5)
const glance = 5

export interface Launch {
  /** Path of the program. */
  readonly program: string
  readonly request: WatchRequest
  /** How long the guard may take for what it does beside the thaw itself. */
  readonly patience: Duration
}

/** Resolves once the guard's clock runs. @throws Fault `freeze.not_armed` */
export async function launchGuard(ctx: OperationContext, { program, request, patience }: Launch): Promise<GuardHandle> {
  const child = startGuard(program)
  try {
    const { pid, startTime, marker } = await firstAnswer(ctx, child, JSON.stringify(request))
    const { token, recordPath: record } = request
    return { pid, startTime, bootId: bootId(), token, marker, record, patience, watch: '' }
  } catch (thrown) {
    child.kill('SIGKILL')
    throw thrown
  } finally {
    child.stdout.destroy()
    child.stdin.destroy()
    child.unref()
  }
}

export type GuardChild = ChildProcessByStdio<Writable, Readable, null>

/** In a session of its own: it outlives whoever started it. */
export function startGuard(program: string): GuardChild {
  const flags = ['--disable-warning=ExperimentalWarning', '--max-old-space-size=32']
  // What was compiled for us it need not compile once more.
  const compiled = getCompileCacheDir()
  return spawn(process.execPath, [...flags, program], {
    cwd: '/',
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: dirname(compiled) }),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
}

async function firstAnswer(ctx: OperationContext, child: GuardChild, request: string): Promise<GuardAnswer> {
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

export function answerFrom(line: string): GuardAnswer {
  const value: unknown = JSON.parse(line)
  const isAnswer =
    typeof value === 'object' && value !== null && 'pid' in value && 'startTime' in value && 'marker' in value
  if (!isAnswer) throw notArmed('the guard gave an answer that is none')
  const { pid, startTime, marker } = value
  const watch = 'watch' in value ? { watch: String(value.watch) } : {}
  return { pid: Number(pid), startTime: Number(startTime), marker: String(marker), ...watch }
}

/**
 * Lets the lease begin anew, at most until the maximum the guard was armed with. Resolves with the guard's word for it.
 *
 * @throws Fault `freeze.not_armed`
 */
export async function extendGuard(
  ctx: OperationContext,
  given: DeadmanHandle,
  lease: Duration,
): Promise<DeadmanHandle> {
  const guard = handleFrom(given)
  if (!guard) throw notArmed('the handle is that of no guard')
  const { clock } = ctx.world
  const folder = dirname(guard.record)
  const request: ExtensionRequest = { id: ctx.world.newId(), lease }
  const isGranted = (): boolean => readRecord(guard.record)?.extension === request.id
  if (!isRuntimeFolder(folder) || !isOnWatch(guard)) throw notArmed('the guard is not on watch any more')
  const path = extensionPath(folder, guard)
  try {
    replaceFile(path, JSON.stringify(request))
    signalGuard(guard, 'SIGUSR2')
    const end = clock.monotonic() + extendPatience
    while (!isGranted()) {
      if (!isOnWatch(guard)) throw notArmed('its lease ended while more time was asked for')
      if (clock.monotonic() > end) throw notArmed('the guard did not grant more time')
      await clock.sleep(glance)
    }
    return guard
  } finally {
    rmSync(path, { force: true })
  }
}

/** Ends a guard. One that is just firing is given the time to finish. */
export async function dismissGuard(ctx: OperationContext, guard: ProcessIdentity, patience: Duration): Promise<void> {
  const { clock } = ctx.world
  const end = clock.monotonic() + patience
  signalGuard(guard, 'SIGTERM')
  while (isAlive(guard)) {
    if (clock.monotonic() > end) signalGuard(guard, 'SIGKILL')
    await clock.sleep(glance)
  }
}

export function signalGuard(guard: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(guard)) return
  try {
    process.kill(guard.pid, signal)
  } catch (thrown) {
    if (!hasCode(thrown, 'ESRCH')) throw thrown
  }
}

export const notArmed = (reason: string): Error => fault('freeze.not_armed', { details: { reason } })

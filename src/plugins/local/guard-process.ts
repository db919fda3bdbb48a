// The guard as a process: starts it, hears its answer, ends it.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { seconds, type Duration } from '../../kernel/duration.ts'
import { fault } from '../../kernel/fault.ts'
import type { OperationContext } from '../contract/context.ts'
import { hasCode, isAlive, type ProcessIdentity } from './guard/process-table.ts'
import type { GuardAnswer, GuardRequest } from './guard/request.ts'

const armPatience = seconds(10)

/** Resolves with the guard's answer, which it gives once its clock runs. @throws Fault `freeze.not_armed` */
export async function launchGuard(ctx: OperationContext, request: GuardRequest): Promise<GuardAnswer> {
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

function answerFrom(line: string): GuardAnswer {
  const value: unknown = JSON.parse(line)
  const isAnswer =
    typeof value === 'object' && value !== null && 'pid' in value && 'startTime' in value && 'marker' in value
  if (!isAnswer) throw notArmed('the guard gave an answer that is none')
  return { pid: Number(value.pid), startTime: Number(value.startTime), marker: String(value.marker) }
}

/** Ends a guard. One that is just firing is given the time to finish. */
export async function dismissGuard(ctx: OperationContext, guard: ProcessIdentity, patience: Duration): Promise<void> {
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

export const notArmed = (reason: string): Error => fault('freeze.not_armed', { details: { reason } })

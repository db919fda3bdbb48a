// Runs one process in a process group of its own and, when told to stop, leaves nothing of the group behind.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fault, type Fault } from '../../kernel/fault.ts'
import type { World } from '../../world/world.ts'
import type { Environment } from './environment.ts'
import { endGroup, guardGroup } from './process-group.ts'

/** How long an output stream must be silent before we let go of it although somebody still holds it open. */
const silence = 100
const mostSpells = 10

export interface ChildOptions {
  readonly cwd: string
  readonly env: Environment
  readonly signal: AbortSignal
  readonly world: World
  onStdout(chunk: Buffer): void
  onStderr(chunk: Buffer): void
}

export interface ChildEnd {
  readonly code: number | null
  readonly signal: string | null
}

/**
 * Resolves when the process has ended and what it printed was read. Processes it left in the background live on.
 *
 * @throws the signal's reason when it aborts, once the whole group is gone or was killed and hangs; Fault `script.bad_input` when the system
 *   refuses to start the process.
 */
export async function runChild(command: readonly string[], options: ChildOptions): Promise<ChildEnd> {
  options.signal.throwIfAborted()
  const child = await start(command, options)
  const ended = endOf(child)
  const group = child.pid ?? 0
  const guard = guardGroup(group)
  const listening = new AbortController()
  try {
    const first = await Promise.race([ended, abortOf(options.signal, listening.signal)])
    if (first === 'aborted') {
      await endGroup(group, options.world)
      await ended
      throw options.signal.reason
    }
    return first
  } finally {
    listening.abort()
    await drained(child, options.world)
    guard.release()
  }
}

async function start(command: readonly string[], options: ChildOptions): Promise<CountedChild> {
  const [program = '', ...words] = command
  try {
    const child = spawn(program, words, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const counted = Object.assign(child, { received: 0 })
    listen(counted, 'stdout', options.onStdout)
    listen(counted, 'stderr', options.onStderr)
    await once(child, 'spawn')
    return counted
  } catch (cause) {
    throw refused(program, cause)
  }
}

type CountedChild = ChildProcess & { received: number }

function listen(child: CountedChild, name: 'stdout' | 'stderr', take: (chunk: Buffer) => void): void {
  child[name]?.on('data', (chunk: Buffer) => {
    child.received += 1
    take(chunk)
  })
}

function endOf(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
}

function abortOf(signal: AbortSignal, listening: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted')
    signal.addEventListener('abort', () => resolve('aborted'), { once: true, signal: listening })
  })
}

/**
 * Reads on until both streams end. A process left in the background may hold them open, or write to them, for ever: so
 * they are let go of after two silent spells (a timer may come before the data that was there first), or at last.
 */
async function drained(child: CountedChild, world: World): Promise<void> {
  const streams = [child.stdout, child.stderr].flatMap((stream) => (stream === null || stream.closed ? [] : [stream]))
  const closed = Promise.all(streams.map((stream) => once(stream, 'close')))
  for (let spell = 1; spell <= mostSpells; spell += 1) {
    const before = child.received
    const wait = new AbortController()
    const pause = world.clock.sleep(silence, wait.signal).then(() => world.clock.sleep(silence, wait.signal))
    const isClosed = await Promise.race([closed.then(() => true), pause.then(() => false)])
    wait.abort()
    await pause.catch(() => undefined)
    if (isClosed) return
    if (child.received === before) break
  }
  for (const stream of streams) stream.destroy()
}

function refused(program: string, cause: unknown): Fault {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const reasons: Readonly<Record<string, string>> = {
    E2BIG: 'its inputs and arguments together are larger than the system allows (128 KiB each on Linux)',
    EACCES: 'permission was denied',
    ENOEXEC: 'it is no program',
  }
  const reason = reasons[code] ?? (cause instanceof Error ? cause.message : String(cause))
  return fault('script.bad_input', { details: { message: `cannot start '${program}': ${reason}` }, cause })
}

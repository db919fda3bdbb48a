// Runs one process in a process group of its own and, when told to stop, leaves nothing of the group behind.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { seconds } from '../../kernel/duration.ts'
import { fault, type Fault } from '../../kernel/fault.ts'
import type { World } from '../../world/world.ts'
import type { Environment } from './environment.ts'

const grace = seconds(5)
const glance = 20
/** How long an output stream must be silent before we let go of it although somebody still holds it open. */
const silence = 100

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
 * @throws the signal's reason when it aborts, once the whole group is gone; Fault `script.bad_input` when the system
 *   refuses to start the process.
 */
export async function runChild(command: readonly string[], options: ChildOptions): Promise<ChildEnd> {
  options.signal.throwIfAborted()
  const child = await start(command, options)
  const ended = endOf(child)
  const group = child.pid ?? 0
  liveGroups.add(group)
  try {
    const first = await Promise.race([ended, abortOf(options.signal)])
    if (first === 'aborted') {
      await endGroup(group, options.world)
      await ended
      throw options.signal.reason
    }
    return first
  } finally {
    await drained(child, options.world)
    liveGroups.delete(group)
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

function abortOf(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted')
    signal.addEventListener('abort', () => resolve('aborted'), { once: true })
  })
}

/**
 * Reads on until both streams end. A process left in the background may hold them open for ever, so they are also let
 * go of after two silent spells; two, because a timer may come before the data that was there first.
 */
async function drained(child: CountedChild, world: World): Promise<void> {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null)
  const isOpen = (): boolean => streams.some((stream) => !stream.closed)
  const closed = Promise.all(streams.filter((stream) => !stream.closed).map((stream) => once(stream, 'close')))
  while (isOpen()) {
    const before = child.received
    const wait = new AbortController()
    const quiet = world.clock.sleep(silence, wait.signal).then(() => world.clock.sleep(silence, wait.signal))
    await Promise.race([closed, quiet])
    wait.abort()
    await quiet.catch(() => undefined)
    if (child.received === before) streams.forEach((stream) => stream.destroy())
  }
}

/** SIGTERM to the group, and SIGKILL to what is left of it after the grace. */
async function endGroup(group: number, world: World): Promise<void> {
  const deadline = world.clock.monotonic() + grace
  sendSignal(group, 'SIGTERM')
  while (sendSignal(group, 0) && world.clock.monotonic() < deadline) await world.clock.sleep(glance)
  sendSignal(group, 'SIGKILL')
}

/** False when the group is no more. */
function sendSignal(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}

// A group of its own does not get the terminal's interrupt: when we exit at once, it must not stay behind.
const liveGroups = new Set<number>()
process.on('exit', () => liveGroups.forEach((group) => sendSignal(group, 'SIGKILL')))

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

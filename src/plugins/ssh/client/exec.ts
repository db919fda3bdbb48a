// Runs one command on a host: input, output, exit code, and its end on the host when we give it up.
import type { Client, ClientChannel } from 'ssh2'
import { fault } from '../../../kernel/fault.ts'
import type { World } from '../../../world/world.ts'
import { commandLine, endCommand, type CommandLine } from './command-line.ts'
import type { ExecOptions, ExecResult, Target } from './connection.ts'
import { channelFault, lostFault, nameOf, reasonOf } from './errors.ts'
import { unlessInterrupted } from './interrupted.ts'
import { KeptOutput } from './kept-output.ts'
import { sudoGate } from './sudo.ts'

const usualLimit = 1024 * 1024
/** How long the end of a command that was given up may take. */
const endPatience = 5000

export interface ExecPlace {
  readonly client: Client
  readonly target: Target
  readonly world: World
  /** Aborts when the connection is gone; the reason is a text. */
  readonly lost: AbortSignal
}

type RunOptions = Pick<ExecOptions, 'stdin' | 'sudo' | 'outputLimit' | 'onOutput'>

export async function exec(
  place: ExecPlace,
  command: string | readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  options.signal.throwIfAborted()
  const { target, world, lost } = place
  const mark = world.randomText(20, 'abcdefghijklmnopqrstuvwxyz0123456789')
  const line = commandLine(command, options, mark)
  const over = new AbortController()
  const late = new AbortController()
  if (options.timeout !== undefined) {
    world.clock.sleep(options.timeout, over.signal).then(
      () => late.abort(),
      () => {},
    )
  }
  try {
    return await unlessInterrupted(run(place, line, options, over.signal), [
      { signal: options.signal },
      { signal: late.signal, problem: () => lateFault(target, options) },
      { signal: lost, problem: (reason) => lostFault(target, String(reason)) },
    ])
  } catch (thrown) {
    const isGivenUp = (options.signal.aborted || late.signal.aborted) && !lost.aborted
    if (isGivenUp && options.isLeftAlone !== true) await endOnHost(place, options, mark)
    throw thrown
  } finally {
    over.abort('over')
  }
}

const lateFault = (target: Target, { timeout = 0 }: ExecOptions): Error =>
  fault('ssh.timeout', { details: { host: nameOf(target), limit: `${timeout / 1000} s` }, effect: 'unknown' })

/** When `over` aborts, the channel is closed. */
function run(place: ExecPlace, line: CommandLine, options: RunOptions, over: AbortSignal): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const take = (problem: Error | undefined, channel: ClientChannel): void => {
      if (problem) return reject(channelFault(place.target, problem.message, problem))
      if (over.aborted) return void channel.destroy()
      over.addEventListener('abort', () => channel.destroy(), { once: true })
      // At once: what came in one piece with the answer is already on its way, the exit code, too.
      collect(place.target, channel, line, options).then(resolve, reject)
    }
    try {
      place.client.exec(line.line, take)
    } catch (problem) {
      // ssh2 throws when the connection is gone.
      reject(channelFault(place.target, reasonOf(problem), problem))
    }
  })
}

function collect(target: Target, channel: ClientChannel, line: CommandLine, options: RunOptions): Promise<ExecResult> {
  const { outputLimit = usualLimit, onOutput } = options
  const stdout = new KeptOutput(outputLimit, onOutput && ((text) => onOutput('stdout', text)))
  const stderr = new KeptOutput(outputLimit, onOutput && ((text) => onOutput('stderr', text)))
  const feed = (): void => {
    if (line.prologue !== '') channel.write(line.prologue)
    channel.end(options.stdin)
  }
  const gate = line.sudo && sudoGate(channel, line.sudo, options.sudo?.password, feed, (chunk) => stderr.add(chunk))
  if (!gate) feed()
  return new Promise((resolve, reject) => {
    channel.on('data', (chunk: Buffer) => stdout.add(chunk))
    channel.stderr.on('data', (chunk: Buffer) => (gate ? gate.add(chunk) : stderr.add(chunk)))
    channel.on('error', (problem: Error) => reject(lostFault(target, problem.message, problem)))
    let isRead = false
    let closed: readonly [code: number | null | undefined, signal: string | undefined] | undefined
    const end = (): void => {
      if (!closed || !isRead) return
      const [code, signal] = closed
      stdout.end()
      stderr.end()
      if (gate?.refusal !== undefined) {
        return reject(fault('ssh.no_sudo', { details: { reason: gate.refusal }, effect: 'none' }))
      }
      // sshd itself was ended, or the command's end got lost with it.
      if (code === undefined) return reject(lostFault(target, 'the channel closed without an exit code'))
      resolve({
        code,
        signal: code === null ? (signal ?? null) : null,
        stdout: stdout.content,
        stderr: stderr.content,
        stdoutBytes: stdout.bytes,
        stderrBytes: stderr.bytes,
      })
    }
    channel.stderr.on('end', () => {
      isRead = true
      end()
    })
    channel.on('close', (code?: number | null, signal?: string) => {
      closed = [code, signal]
      end()
    })
  })
}

// Over a channel of its own: the one of the command may be full, or wait for input.
async function endOnHost(place: ExecPlace, { sudo }: ExecOptions, mark: string): Promise<void> {
  const options = sudo === undefined ? {} : { sudo }
  const over = new AbortController()
  const late = new AbortController()
  place.world.clock.sleep(endPatience, over.signal).then(
    () => late.abort(),
    () => {},
  )
  const ended = run(place, commandLine(endCommand(mark), options, 'end'), options, over.signal)
  await unlessInterrupted(ended, [{ signal: late.signal }, { signal: place.lost }]).catch(() => {})
  over.abort()
}

// Runs one command on a host: input, output, exit code, and its end on the host when we give it up.
import type { Client, ClientChannel } from 'ssh2'
import { asFault, fault } from '../../../kernel/fault.ts'
import type { World } from '../../../world/world.ts'
import { commandLine, endCommand, type CommandLine } from './command-line.ts'
import type { ExecOptions, ExecResult, Target } from './connection.ts'
import { lostFault, nameOf } from './errors.ts'
import { KeptOutput } from './kept-output.ts'

const usualLimit = 1024 * 1024
/** How long the end of a command that was given up may take. */
const endPatience = 5000

export interface ExecPlace {
  readonly client: Client
  readonly target: Target
  readonly world: World
  /** Resolves, with why, when the connection is gone. */
  readonly lost: Promise<string>
}

export async function exec(
  place: ExecPlace,
  command: string | readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  options.signal.throwIfAborted()
  const mark = place.world.randomText(20, 'abcdefghijklmnopqrstuvwxyz0123456789')
  const line = commandLine(command, options, mark)
  const channel = await openChannel(place, line.line)
  const over = new AbortController()
  try {
    const giveUp = gaveUp(place, options, over.signal)
    const lost = place.lost.then((reason) => {
      throw lostFault(place.target, reason)
    })
    const result = collect(channel, line, options)
    for (const promise of [giveUp, lost, result]) promise.catch(() => {})
    return await Promise.race([result, giveUp, lost])
  } catch (thrown) {
    if (asFault(thrown).code !== 'ssh.connection_lost') await endOnHost(place, options, mark)
    channel.destroy()
    throw thrown
  } finally {
    over.abort()
  }
}

async function openChannel({ client, target, lost }: ExecPlace, line: string): Promise<ClientChannel> {
  const opened = new Promise<ClientChannel>((resolve, reject) => {
    client.exec(line, (problem, channel) => {
      if (problem) reject(fault('ssh.channel_refused', { details: { host: nameOf(target), reason: problem.message } }))
      else resolve(channel)
    })
  })
  const gone = lost.then((reason) => {
    throw lostFault(target, reason)
  })
  gone.catch(() => {})
  return Promise.race([opened, gone])
}

/** Rejects when the command was cancelled or its time is over. */
async function gaveUp({ world, target }: ExecPlace, options: ExecOptions, over: AbortSignal): Promise<never> {
  const { signal, timeout = 2 ** 31 } = options
  await world.clock.sleep(timeout, AbortSignal.any([signal, over]))
  throw fault('ssh.timeout', {
    details: { host: nameOf(target), limit: `${timeout / 1000} s` },
    effect: 'unknown',
  })
}

function collect(channel: ClientChannel, line: CommandLine, options: ExecOptions): Promise<ExecResult> {
  const { outputLimit = usualLimit, onOutput } = options
  const stdout = new KeptOutput(outputLimit, onOutput && ((text) => onOutput('stdout', text)))
  const stderr = new KeptOutput(outputLimit, onOutput && ((text) => onOutput('stderr', text)))
  let code: number | null = null
  let endedBy: string | null = null
  const feed = (): void => {
    channel.write(line.prologue)
    channel.end(options.stdin)
  }
  const errors = line.sudo ? sudoFilter(channel, line.sudo, options, feed, (chunk) => stderr.add(chunk)) : undefined
  if (!line.sudo) feed()
  return new Promise((resolve, reject) => {
    channel.on('data', (chunk: Buffer) => stdout.add(chunk))
    channel.stderr.on('data', (chunk: Buffer) => (errors ? errors.add(chunk) : stderr.add(chunk)))
    channel.on('error', reject)
    channel.on('exit', (exitCode: number | null, signalName?: string) => {
      code = exitCode
      endedBy = signalName?.replace(/^(?!SIG)/, 'SIG') ?? null
    })
    channel.on('close', () => {
      stdout.end()
      stderr.end()
      const told = stderr.content
      if (errors && !errors.hasBegun) {
        const reason = told.toString('utf8').trim().split('\n').at(-1) ?? ''
        reject(fault('ssh.no_sudo', { details: { reason: reason || 'no answer' }, effect: 'none' }))
        return
      }
      resolve({
        code,
        signal: endedBy,
        stdout: stdout.content,
        stderr: told,
        stdoutBytes: stdout.bytes,
        stderrBytes: stderr.bytes,
      })
    })
  })
}

/** Answers the one question of sudo and keeps it, and the word that the command began, out of the output. */
function sudoFilter(
  channel: ClientChannel,
  words: NonNullable<CommandLine['sudo']>,
  options: ExecOptions,
  begin: () => void,
  pass: (chunk: Buffer) => void,
): { readonly hasBegun: boolean; add(chunk: Buffer): void } {
  let held = Buffer.alloc(0)
  let hasBegun = false
  let asked = 0
  return {
    get hasBegun() {
      return hasBegun
    },
    add(chunk) {
      if (hasBegun) return pass(chunk)
      held = Buffer.concat([held, chunk])
      const prompt = held.indexOf(words.prompt)
      if (prompt >= 0) {
        held = Buffer.concat([held.subarray(0, prompt), held.subarray(prompt + words.prompt.length)])
        // Asked again: the password was wrong, and a second try with the same one may lock the account.
        if (++asked > 1 || options.sudo?.password === undefined) channel.end()
        else channel.write(`${options.sudo.password.reveal()}\n`)
      }
      const begun = held.indexOf(`${words.begun}\n`)
      if (begun < 0) return
      hasBegun = true
      pass(held.subarray(begun + words.begun.length + 1))
      begin()
    },
  }
}

// Over a channel of its own: the one of the command may be full, or wait for input.
async function endOnHost(place: ExecPlace, options: ExecOptions, mark: string): Promise<void> {
  const line = endCommand(mark)
  const sudo = options.sudo === undefined ? {} : { sudo: options.sudo }
  const channel = await openChannel(place, commandLine(line, sudo, 'end').line).catch(() => undefined)
  if (!channel) return
  const over = new AbortController()
  const done = collect(channel, commandLine(line, sudo, 'end'), { signal: over.signal, ...sudo }).catch(() => undefined)
  const late = place.world.clock.sleep(endPatience, over.signal).catch(() => undefined)
  await Promise.race([done, late, place.lost])
  over.abort()
  channel.destroy()
}

// ssh.fleet_run: a command on one host of many. It runs detached, so a connection that is lost ends nothing, and an
// attempt in doubt finds what an earlier one began.
import { createHash } from 'node:crypto'
import type { Static } from 'typebox'
import { Type } from '../../../kernel/schema.ts'
import { parseDuration, seconds, type Duration } from '../../../kernel/duration.ts'
import { asFault, fault, type Fault } from '../../../kernel/fault.ts'
import type { Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { CommandOutcome } from '../../contract/fleet.ts'
import { operation } from '../../contract/operation.ts'
import type { Connection } from '../client/connection.ts'
import { nameOf } from '../client/errors.ts'
import { exportsOf } from '../client/command-line.ts'
import { quoteCommand } from '../client/quote.ts'
import { hostOf } from '../host/host-of.ts'
import type { HostSettings } from '../host/settings.ts'
import { withHost } from '../host/shared-connections.ts'
import { readAnswer, type Answer } from './answer.ts'
import { endLine, runScript, stopScript } from './host-script.ts'

const Text = Type.String()
const Length = Type.Union([Type.Number({ exclusiveMinimum: 0 }), Text, Type.Null()])
const Inputs = Type.Object({
  /** Read by the host's shell; a text that begins with `#!` by what that names. No shell reads a list. */
  command: Type.Union([Text, Type.Array(Text, { minItems: 1 })]),
  args: Type.Optional(Type.Array(Text)),
  env: Type.Optional(Type.Record(Text, Text)),
  /** Then it is ended on the host. */
  timeout: Type.Optional(Length),
  sudo: Type.Optional(Type.Union([Type.Boolean(), Text, Type.Null()])),
  /** Bytes of each stream, from its end, that the outcome holds. */
  output_limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 1024 * 1024 })),
  /** Since when the command may have begun: a host that was booted later knows nothing of it any more. */
  begun_at: Type.Optional(Type.Number()),
  /** How long a host whose connection was lost is called again. */
  reconnect: Type.Optional(Length),
})
type Given = Static<typeof Inputs>

const usualLimit = 16 * 1024
const usualPatience: Duration = seconds(300)
const longestPause: Duration = seconds(15)
/** Clocks differ; a host that was booted just before the run began is asked about by a person rather than run twice. */
const clockMargin: Duration = seconds(5)

export const fleetRunOperation = operation({
  inputs: Inputs,
  run: (ctx, inputs): Promise<Json> => new DetachedRun(ctx, inputs).toEnd(),
})

class DetachedRun {
  readonly #ctx: OperationContext
  readonly #given: Given
  readonly #name: string
  readonly #begunAt: number
  #settings: HostSettings | undefined
  #mode: 'fresh' | 'again'

  constructor(ctx: OperationContext, given: Given) {
    this.#ctx = ctx
    this.#given = given
    this.#name = `run-${createHash('sha256').update(ctx.operation.key).digest('hex').slice(0, 32)}`
    this.#mode = ctx.operation.inDoubt ? 'again' : 'fresh'
    this.#begunAt = ctx.operation.inDoubt ? (given.begun_at ?? 0) : ctx.world.clock.now()
  }

  async toEnd(): Promise<CommandOutcome> {
    const { sudo } = this.#given
    const settings = await hostOf(this.#ctx, sudo === undefined || sudo === null ? {} : { sudo })
    this.#settings = settings
    for (;;) {
      const answer = await this.#ask(settings)
      if (answer.state === 'running') continue
      if (answer.state === 'ended' && answer.ended !== 'cancelled') return this.#outcome(settings, answer)
      throw fault('operation.in_doubt', { details: this.#doubt() })
    }
  }

  /** Asks for the end of the run, over as many connections as that takes. */
  async #ask(settings: HostSettings): Promise<Answer> {
    const { world, signal } = this.#ctx
    const patience = lengthOf(this.#given.reconnect) ?? usualPatience
    let lostAt: number | undefined
    for (let pause: Duration = seconds(1); ; pause = Math.min(pause * 2, longestPause)) {
      try {
        return await withHost(settings, this.#ctx, (connection) => this.#askOver(connection, settings))
      } catch (thrown) {
        const problem = asFault(thrown)
        if (signal.aborted) throw problem
        // What never reached the host began nothing there.
        if (this.#mode === 'fresh' || !isAboutConnection(problem)) throw problem
        const now = world.clock.monotonic()
        lostAt ??= now
        if (now - lostAt > patience) throw lost(problem)
        this.#ctx.log.warning(`${problem.message}; the command goes on without us, and the host is called again`)
      }
      await world.clock.sleep(pause, signal)
    }
  }

  async #askOver(connection: Connection, { target, sudo }: HostSettings): Promise<Answer> {
    const { signal, world } = this.#ctx
    const { output_limit: shown = usualLimit } = this.#given
    const age = Math.ceil((world.clock.now() - this.#begunAt + clockMargin) / 1000)
    const limit = (lengthOf(this.#given.timeout) ?? 0) / 1000
    const { launch, env, size, stdin } = commandOf(this.#name, this.#given)
    // sudo may end what is left of its session when the connection is lost.
    const session = sudo ? 'apart' : 'shared'
    const words = [this.#name, this.#mode, age, shown, limit, launch, session, env, size].map(String)
    // From here on it may have begun.
    this.#mode = 'again'
    const stop = (): void => void this.#stop(connection, sudo).catch(() => {})
    signal.addEventListener('abort', stop, { once: true })
    try {
      const result = await connection.exec(`set -- ${quoteCommand(words)}\n${runScript}`, {
        signal,
        stdin,
        isLeftAlone: true,
        outputLimit: 2 * shown + 4096,
        ...(sudo ? { sudo } : {}),
      })
      if (result.code === 0) return readAnswer(result.stdout)
      const reason = result.stderr.toString('utf8').trim().slice(-400) || `exit code ${result.code}`
      throw fault('ssh.command_failed', {
        details: { host: nameOf(target), reason, exit_code: result.code },
        effect: result.code === 97 ? 'none' : 'unknown',
      })
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  /** Cancelled: what runs on the host is ended there. */
  async #stop(connection: Connection, sudo: HostSettings['sudo']): Promise<void> {
    await connection.exec(['sh', '-c', stopScript, 'fermata', this.#name], {
      signal: new AbortController().signal,
      timeout: seconds(5),
      ...(sudo ? { sudo } : {}),
    })
  }

  #outcome(settings: HostSettings, answer: Answer): CommandOutcome {
    const { code, stdout, stderr } = answer
    const outcome = {
      exit_code: code,
      stdout,
      stderr,
      stdout_bytes: answer.stdoutBytes,
      stderr_bytes: answer.stderrBytes,
    }
    if (code === 0 && answer.ended === null) return outcome
    const limit = lengthOf(this.#given.timeout) ?? 0
    const how = answer.ended === 'timeout' ? `ended after ${limit / 1000} s` : `exit code ${code}`
    const said = (stderr.trim() || stdout.trim()).split('\n').at(-1)?.slice(0, 300) ?? ''
    throw fault('ssh.command_failed', {
      details: { ...outcome, host: nameOf(settings.target), reason: said === '' ? how : `${how}: ${said}` },
      effect: 'done',
      retry: 'never',
    })
  }

  #doubt(): Record<string, string> {
    const { ctx, step } = { ctx: this.#ctx, step: this.#ctx.operation.key.slice(this.#ctx.execution.id.length + 1) }
    const node = this.#settings ? nameOf(this.#settings.target) : ctx.node.id
    return { node, instance: ctx.instance.id, operation: ctx.operation.name, execution: ctx.execution.id, step }
  }
}

interface Sent {
  /** What a shell is told to begin the command that lies in `$file`: a script says by itself what reads it. */
  readonly launch: string
  readonly env: 'env' | ''
  /** 0: it comes as lines. */
  readonly size: number
  readonly stdin: Buffer
}

/** A shell reads what is short without the help of a program. */
const mostAsLines = 512

function commandOf(name: string, { command: given, args = [], env = {} }: Given): Sent {
  const command = typeof given === 'string' ? given : quoteCommand(given)
  const own = /^#!\s*(\S.*)/.exec(command.split('\n', 1)[0] ?? '')?.[1]
  const reader = own === undefined ? ['sh'] : own.trim().split(/\s+/)
  const end = `${endLine(name)}\n`
  const exports = exportsOf(env).join('\n')
  const body = Buffer.from(command)
  const asLines = own === undefined && body.length <= mostAsLines && !body.includes(0)
  return {
    launch: `${quoteCommand(reader)} "$file" ${quoteCommand(args)}`,
    env: exports === '' ? '' : 'env',
    size: asLines ? 0 : body.length,
    stdin: Buffer.from(`${exports === '' ? '' : `${exports}\n${end}`}${command}${asLines ? `\n${end}` : ''}`),
  }
}

const lengthOf = (value: Static<typeof Length> | undefined): Duration | undefined =>
  value === undefined || value === null || value === '' ? undefined : parseDuration(value)

function isAboutConnection({ code }: Fault): boolean {
  return ['ssh.unreachable', 'ssh.gateway_lost', 'ssh.connection_lost', 'ssh.channel_refused'].includes(code)
}

/** It began, and nobody can tell how it ended. */
function lost(problem: Fault): Fault {
  return fault(problem.code, { details: problem.details, effect: 'unknown', retry: problem.retry, cause: problem })
}

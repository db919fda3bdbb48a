// Runs one command on a host for an operation: its output goes to the log, its exit code decides.
import type { Duration } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Connection, ExecOptions, ExecResult } from '../client/connection.ts'
import { nameOf } from '../client/errors.ts'
import { outputLog } from './output-log.ts'
import type { HostSettings } from './settings.ts'

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly stdin?: string | Uint8Array
  readonly timeout?: Duration
  /** Instead of what the host's settings say; null: none. */
  readonly sudo?: ExecOptions['sudo'] | null
  /** Exit codes that are as good as 0. */
  readonly goodCodes?: readonly number[]
  readonly isQuiet?: boolean
  readonly outputLimit?: number
}

export interface CommandEnd extends JsonObject {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const usualLimit = 64 * 1024
const longestTail = 4 * 1024

/** @throws Fault `ssh.command_failed`, and what the connection throws. */
export async function runCommand(
  ctx: OperationContext,
  connection: Connection,
  settings: HostSettings,
  command: string | readonly string[],
  options: CommandOptions = {},
): Promise<CommandEnd> {
  const { env, cwd, stdin, timeout, goodCodes = [0], isQuiet = false, outputLimit = usualLimit } = options
  const sudo = options.sudo === undefined ? settings.sudo : (options.sudo ?? undefined)
  const log = isQuiet ? undefined : outputLog(ctx.log)
  const result = await connection.exec(command, {
    signal: ctx.signal,
    outputLimit,
    ...(log ? { onOutput: (stream, text) => log.onOutput(stream, text) } : {}),
    ...(env ? { env } : {}),
    ...(cwd === undefined ? {} : { cwd }),
    ...(stdin === undefined ? {} : { stdin }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(sudo ? { sudo } : {}),
  })
  log?.end()
  if (result.code === null || !goodCodes.includes(result.code)) throw failed(settings, result)
  return { code: result.code, stdout: textOf(result, 'stdout'), stderr: textOf(result, 'stderr') }
}

function textOf(result: ExecResult, stream: 'stdout' | 'stderr'): string {
  const text = result[stream].toString('utf8')
  const more = result[`${stream}Bytes`] - result[stream].length
  return more > 0 ? `${text}… (${more} more bytes)` : text
}

function failed({ target }: HostSettings, { code, signal, stderr, stdout }: ExecResult): Error {
  const said = (stderr.length > 0 ? stderr : stdout).toString('utf8').slice(-longestTail).trim()
  const how = code === null ? `ended by ${signal ?? 'the host'}` : `exit code ${code}`
  const reason = said === '' ? how : `${how}: ${said}`
  return fault('ssh.command_failed', {
    details: { host: nameOf(target), reason, exit_code: code ?? signal ?? 'unknown' },
    effect: 'unknown',
  })
}

// The line that a host's shell is given for a command. What may be secret is not in it: that goes over standard input.
import type { ExecOptions } from './connection.ts'
import { quoteCommand, quoteWord } from './quote.ts'

export interface CommandLine {
  readonly line: string
  /** Goes to standard input before everything else. */
  readonly prologue: string
  /** With sudo: what asks for the password, and what says that the command has begun. Both come on standard error. */
  readonly sudo: { readonly prompt: string; readonly begun: string } | null
}

/** The environment variable by which processes of a command are found when it has to be ended. */
export const markName = 'FERMATA_RUN'

/** `mark` is a text of letters and digits that no other command has. */
export function commandLine(
  command: string | readonly string[],
  options: Pick<ExecOptions, 'env' | 'cwd' | 'sudo'>,
  mark: string,
): CommandLine {
  const inner = typeof command === 'string' ? command : quoteCommand(command)
  const prologue = prologueOf(options)
  const begin =
    prologue === ''
      ? `exec sh -c ${quoteWord(inner)}`
      : `eval "$(dd bs=1 count=${Buffer.byteLength(prologue)} 2>/dev/null)" && exec sh -c ${quoteWord(inner)}`
  const marked = `env ${markName}=${mark}`
  if (!options.sudo) return { line: `exec ${marked} sh -c ${quoteWord(begin)}`, prologue, sudo: null }
  const [prompt, begun] = [`fermata-password-${mark}:`, `fermata-begun-${mark}`]
  const user = options.sudo.user === undefined ? '' : ` -u ${quoteWord(options.sudo.user)}`
  const told = `echo ${begun} >&2; ${begin}`
  const asks = options.sudo.password === undefined ? '-n' : '-S'
  const line = `exec sudo ${asks} -p ${prompt}${user} -- ${marked} sh -c ${quoteWord(told)}`
  return { line, prologue, sudo: { prompt, begun } }
}

function prologueOf({ env = {}, cwd }: Pick<ExecOptions, 'env' | 'cwd'>): string {
  const names = Object.keys(env)
  const bad = names.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
  if (bad !== undefined) throw new RangeError(`'${bad}' is no name of an environment variable`)
  const exports = names.map((name) => `export ${name}=${quoteWord(env[name] ?? '')}; `).join('')
  return `${exports}${cwd === undefined ? '' : `cd ${quoteWord(cwd)}`}`.replace(/; $/, '')
}

/** Ends every process that carries the mark in its environment, children included. */
export function endCommand(mark: string): string {
  const each = `for p in /proc/[0-9]*; do tr '\\0' '\\n' <$p/environ 2>/dev/null | grep -qx ${markName}=${mark} && kill -$s "\${p#/proc/}"; done`
  return `s=TERM; ${each}; sleep 0.3 2>/dev/null || sleep 1; s=KILL; ${each}; true`
}

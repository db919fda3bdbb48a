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

/** `mark` is a text of letters and digits that no other command has. What is left alone does not carry it. */
export function commandLine(
  command: string | readonly string[],
  options: Pick<ExecOptions, 'env' | 'cwd' | 'sudo' | 'isLeftAlone'>,
  mark: string,
): CommandLine {
  const inner = typeof command === 'string' ? command : quoteCommand(command)
  const prologue = prologueOf(options)
  const begin =
    prologue === ''
      ? `exec sh -c ${quoteWord(inner)}`
      : `eval "$(dd bs=1 count=${Buffer.byteLength(prologue)} 2>/dev/null)" && exec sh -c ${quoteWord(inner)}`
  const marked = options.isLeftAlone === true ? '' : `env ${markName}=${mark} `
  if (!options.sudo) {
    const line = `exec ${marked}sh -c ${quoteWord(prologue === '' ? inner : begin)}`
    return { line, prologue, sudo: null }
  }
  const [prompt, begun] = [`fermata-password-${mark}:`, `fermata-begun-${mark}`]
  const user = options.sudo.user === undefined ? '' : ` -u ${quoteWord(options.sudo.user)}`
  const told = `echo ${begun} >&2; ${begin}`
  const asks = options.sudo.password === undefined ? '-n' : '-S'
  const line = `exec sudo ${asks} -p ${prompt}${user} -- ${marked}sh -c ${quoteWord(told)}`
  return { line, prologue, sudo: { prompt, begun } }
}

function prologueOf({ env = {}, cwd }: Pick<ExecOptions, 'env' | 'cwd'>): string {
  return [...exportsOf(env), ...(cwd === undefined ? [] : [`cd ${quoteWord(cwd)}`])].join('; ')
}

/** What a shell is told to set an environment. @throws RangeError for a name that no variable can have. */
export function exportsOf(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new RangeError(`'${name}' is no name of an environment variable`)
    }
    return `export ${name}=${quoteWord(value)}`
  })
}

/**
 * Ends every process that carries the mark in its environment, and all others of their sessions: children may have
 * taken another environment, and sshd gives each command a session. One grep reads them all; a fork for each process
 * of a busy host would take seconds.
 */
export function endCommand(mark: string): string {
  return [
    // In two pieces: sudo puts this very text into the environment of what it begins, and it must not find itself.
    `m=${markName}; m=$m=${mark}; sessions=' '`,
    // Our own session is never meant: a server that gives no sessions would be ended by it.
    'stat() { p=; { read -r l <"$1"; } 2>/dev/null || return 1; p=${l%% *}; set -- ${l##*) }; session=$4; }',
    'stat /proc/$$/stat; own=$session',
    'find() {',
    '  marked=" $(grep -lsF "$m" /proc/[0-9]*/environ | while IFS=/ read -r a b p c; do echo "$p"; done | tr "\\n" " ")"',
    '  for p in $marked; do',
    '    stat "/proc/$p/stat" && [ "$session" != "$own" ] && sessions="$sessions$session "',
    '  done',
    '}',
    'send() {',
    '  for f in /proc/[0-9]*/stat; do',
    '    stat "$f" || continue',
    '    case "$marked" in *" $p "*) kill -s "$s" "$p" 2>/dev/null; continue;; esac',
    '    case "$sessions" in *" $session "*) kill -s "$s" "$p" 2>/dev/null;; esac',
    '  done',
    '}',
    'find; [ "$marked" != " " ] || exit 0',
    's=TERM; send; sleep 0.3 2>/dev/null || sleep 1',
    's=KILL; find; send; exit 0',
  ].join('\n')
}

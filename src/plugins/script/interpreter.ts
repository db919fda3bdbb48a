// Chooses the command that runs a script: a given prefix, else its file name, else its first line, else /bin/sh.
import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'
import { basename, delimiter, extname, join } from 'node:path'
import { fault } from '../../kernel/fault.ts'
import type { Environment } from './environment.ts'
import { splitWords } from './words.ts'

export interface Command {
  /** Program first. The script itself is in it, its arguments come after. */
  readonly words: readonly string[]
  readonly isPython: boolean
}

export interface CommandChoice {
  /** The private copy. */
  readonly script: string
  readonly prefix: string | undefined
  /** True: run it as Python whatever its name. */
  readonly asPython: boolean
  /** The program that runs a Python script for us and reports its exception. */
  readonly runner: string
}

/** Node's own warnings would appear among the script's output. */
export const nodeCommand: readonly string[] = [process.execPath, '--disable-warning=ExperimentalWarning']

export async function chooseCommand(choice: CommandChoice): Promise<Command> {
  const { script, prefix, runner } = choice
  const isPythonFile = choice.asPython || extname(script) === '.py'
  const prefixWords = prefix === undefined ? [] : splitWords(prefix)
  if (prefixWords.length > 0) {
    const runsPython = isPythonFile && prefixWords.some(isPythonProgram)
    return { words: [...prefixWords, ...(runsPython ? [runner] : []), script], isPython: isPythonFile }
  }
  if (isPythonFile) return { words: ['python3', runner, script], isPython: true }
  if (/^\.[cm]?[jt]s$/.test(extname(script))) return { words: [...nodeCommand, script], isPython: false }
  if (extname(script) === '.ps1') return { words: ['powershell', '-File', script], isPython: false }
  const named = await firstLineCommand(script)
  return { words: [...named, script], isPython: named.some(isPythonProgram) }
}

/**
 * The program's full path, looked up on the PATH that the script will have.
 *
 * @throws Fault `script.no_interpreter`; `path` is what the user calls the script.
 */
export async function findProgram(program: string, environment: Environment, path: string): Promise<string> {
  const folders = program.includes('/') ? [''] : (environment['PATH'] ?? '').split(delimiter)
  for (const candidate of folders.map((folder) => join(folder, program))) {
    if (await isRunnable(candidate)) return candidate
  }
  // PowerShell calls itself `pwsh` everywhere but on Windows.
  if (program === 'powershell') return findProgram('pwsh', environment, path)
  throw fault('script.no_interpreter', { details: { interpreter: program, path } })
}

/** The words of `#!`; none for a binary, which runs by itself; `/bin/sh` for anything else. */
async function firstLineCommand(script: string): Promise<readonly string[]> {
  const start = await readStart(script)
  if (start.startsWith('\u007fELF')) return []
  const line = /^#!\s*(\S+)[ \t]*([^\n]*?)\s*(?:\n|$)/.exec(start)
  if (!line?.[1]) return ['/bin/sh']
  const rest = line[2] ?? ''
  if (basename(line[1]) !== 'env') return rest === '' ? [line[1]] : [line[1], rest]
  const words = splitWords(rest.replace(/^(?:-S|--split-string)[ =]?/, ''))
  return words.length === 0 ? ['/bin/sh'] : words.some((word) => word.includes('=')) ? [line[1], ...words] : words
}

async function readStart(script: string): Promise<string> {
  const file = await open(script)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}

const isPythonProgram = (word: string): boolean => /^python[\d.]*$/.test(basename(word))

function isRunnable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

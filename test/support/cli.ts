// Runs the real command line as a child process, in a folder of its own with a state directory of its own.
import { expect } from 'chai'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expectKeptPromises } from './kept-promises.ts'

const sourceMain = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** A blueprint of the repository. */
export const blueprintPath = (name: string): string =>
  fileURLToPath(new URL(`../../blueprints/${name}/blueprint.yaml`, import.meta.url))

export interface CliResult {
  /** null when it was ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly uid?: number
  /** Put before the command: `['unshare', '-m', ...]`. */
  readonly prefix?: readonly string[]
}

export interface StartedCli {
  readonly pid: number
  /** Resolves with the first line of standard output that matches; rejects when the process ends without one. */
  line(pattern: RegExp): Promise<string>
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<CliResult>
}

export interface CliSite {
  /** Holds everything of this site; removed with it. */
  readonly folder: string
  readonly home: string
  run(...words: string[]): Promise<CliResult>
  runWith(options: CliOptions, ...words: string[]): Promise<CliResult>
  /** The same for what must succeed; resolves with its standard output. */
  ok(...words: string[]): Promise<string>
  /** The same with `--json`, parsed. */
  json<Value>(...words: string[]): Promise<Value>
  start(...words: string[]): StartedCli
  /** Writes files below the site's folder; resolves with the path of the first. */
  write(files: Readonly<Record<string, string | Buffer>>): Promise<string>
  /** Ids of all processes that came from this site, guards and detached ones among them. */
  processes(): number[]
  /** Ends what is still running, checks what was run, removes the folder. */
  close(): Promise<void>
}

export interface CliSiteOptions {
  /** The file of the command line, unless it is the source. */
  readonly main?: string
  /** Why the promises are not checked when the site is closed: only where a test tampers with the log or its store. */
  readonly isUnchecked?: string
}

/** Each test has a site of its own and closes it, whatever happened. What it ran must have kept every promise. */
export async function openCliSite(options: CliSiteOptions = {}): Promise<CliSite> {
  const folder = await mkdtemp(join(tmpdir(), 'fermata-cli-'))
  const { main = sourceMain } = options
  const [home, temporary, runtime] = ['home', 'tmp', 'run'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await mkdir(temporary)
  await mkdir(runtime, { mode: 0o700 })
  const environment = environmentOf(folder, { FERMATA_HOME: home, TMPDIR: temporary, XDG_RUNTIME_DIR: runtime })
  const runWith: CliSite['runWith'] = (options, ...words) => startCli([main, ...words], environment, options).ended
  const run: CliSite['run'] = (...words) => runWith({}, ...words)
  const ok = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...words)
    expect(code, `fermata ${words.join(' ')}\n${stdout}${stderr}`).to.equal(0)
    return stdout
  }
  return {
    folder,
    home,
    run,
    runWith,
    ok,
    json: async (...words) => JSON.parse(await ok(...words, '--json')),
    start: (...words) => startCli([main, ...words], environment, {}),
    write: (files) => writeFiles(folder, files),
    processes: () => processesOf(folder),
    async close() {
      // Frozen ones, too: SIGKILL needs no thaw.
      for (const pid of processesOf(folder)) kill(pid)
      try {
        if (options.isUnchecked === undefined) await expectKeptPromises(home)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

/** The site's folder stands in the PATH, so that every process that came from here can be told by its environment. */
function environmentOf(folder: string, own: Record<string, string>): Record<string, string> {
  const kept = ['HOME', 'LANG', 'NODE_V8_COVERAGE', 'PYENV_ROOT'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(process.execPath), process.env['PATH'] ?? '/usr/bin:/bin', join(folder, 'bin')].join(delimiter),
    // One cache of compiled modules for all sites: each child starts in half the time.
    NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
    ...own,
  }
}

function startCli(words: readonly string[], environment: Record<string, string>, options: CliOptions): StartedCli {
  const [command = process.execPath, ...rest] = [...(options.prefix ?? []), process.execPath, ...words]
  const child = spawn(command, rest, {
    env: { ...environment, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  return { pid: child.pid ?? 0, line: linesOf(child), signal: (name) => void child.kill(name), ended: endOf(child) }
}

type CliChild = ChildProcessByStdio<Writable, Readable, Readable>

async function endOf(child: CliChild): Promise<CliResult> {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number | null, stdout, stderr }
}

function linesOf(child: CliChild): StartedCli['line'] {
  let seen = ''
  child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString('utf8')))
  return (pattern) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = seen
          .split('\n')
          .slice(0, -1)
          .find((line) => pattern.test(line))
        if (found === undefined) return
        child.stdout.off('data', look)
        resolve(found)
      }
      child.stdout.on('data', look)
      child.once('close', () => reject(new Error(`ended without a line like ${pattern}:\n${seen}`)))
      look()
    })
}

async function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  return join(folder, Object.keys(files)[0] ?? '.')
}

function processesOf(folder: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => environmentText(pid).includes(folder)).map(Number)
}

function environmentText(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

/** Waits for a state of the outside, such as a process that ends; fails with `what` when it does not come. */
export async function eventually(what: string, isSo: () => boolean | Promise<boolean>, limit = 30_000): Promise<void> {
  const end = performance.now() + limit
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${limit} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

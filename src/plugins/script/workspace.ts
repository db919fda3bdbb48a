// The private folder of one script run: the script's copy and the `ctx` command. It is gone when the run is over.
import { chmod, copyFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fault } from '../../kernel/fault.ts'
import { nodeCommand } from './interpreter.ts'

/** The Python package `cloudify` and the program that runs Python scripts. */
const pythonFolder = fileURLToPath(new URL('./python', import.meta.url))
/** Tells whether a text is Python. */
export const pythonChecker = join(pythonFolder, 'is_python.py')

const ctxProgram = fileURLToPath(new URL(`./bin/ctx${extname(import.meta.url)}`, import.meta.url))

export interface Workspace {
  readonly folder: string
  /** Holds `ctx`; comes first on the script's PATH. */
  readonly bin: string
  /** Holds the Python package `cloudify`. */
  readonly python: string
  readonly pythonRunner: string
  /** Copies a file of the blueprint in, under its own name unless another is given. */
  addFile(path: string, name?: string): Promise<string>
  addSource(name: string, source: string): Promise<string>
  remove(): Promise<void>
}

/** @throws Fault `script.no_workspace`, as do the methods that add files. */
export async function openWorkspace(): Promise<Workspace> {
  // mkdtemp makes it 0700: nobody else may read scripts, which may hold secrets in their text.
  const folder = await writing(mkdtemp(join(tmpdir(), 'fermata-script-')))
  return fill(folder, { ctx: ctxProgram, python: pythonFolder })
}

/**
 * One that holds everything but the interpreters, below `parent`: it works also when we ourselves cannot be read.
 *
 * @throws Fault `script.no_workspace`
 */
export async function openPortableWorkspace(parent: string, prefix: string): Promise<Workspace> {
  const folder = await writing(mkdtemp(join(parent, prefix)), parent)
  // Far from any package.json, only the name tells that it is a module.
  const ctx = join(folder, extname(ctxProgram) === '.ts' ? 'ctx.mts' : 'ctx.mjs')
  const python = join(folder, 'python')
  await writing(copyFile(ctxProgram, ctx), parent)
  await writing(cp(pythonFolder, python, { recursive: true }), parent)
  return fill(folder, { ctx, python })
}

async function fill(folder: string, parts: { readonly ctx: string; readonly python: string }): Promise<Workspace> {
  const bin = join(folder, 'bin')
  const scripts = join(folder, 'script')
  await writing(Promise.all([mkdir(bin), mkdir(scripts)]))
  await writing(writeFile(join(bin, 'ctx'), launcher(parts.ctx), { mode: 0o700 }))
  await writing(writeFile(join(bin, 'ctx-sh'), failFast, { mode: 0o700 }))
  return {
    folder,
    bin,
    python: parts.python,
    pythonRunner: join(parts.python, 'run_script.py'),
    async addFile(path, name = basename(path)) {
      const copy = join(scripts, name)
      await writing(copyFile(path, copy).then(() => chmod(copy, 0o700)))
      return copy
    },
    async addSource(name, source) {
      const copy = join(scripts, name)
      await writing(writeFile(copy, source, { mode: 0o700 }))
      return copy
    },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}

async function writing<Value>(work: Promise<Value>, folder = tmpdir()): Promise<Value> {
  try {
    return await work
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw fault('script.no_workspace', { details: { folder, reason }, cause })
  }
}

function launcher(program: string): string {
  const words = [...nodeCommand, program].map(shellQuoted).join(' ')
  // NODE_OPTIONS is meant for the script's own Node programs and could break or slow this one.
  return `#!/bin/sh\nunset NODE_OPTIONS\nexec ${words} "$@"\n`
}

/** `. ctx-sh` makes a shell script end as soon as a `ctx` call fails. */
const failFast = '#!/bin/sh\nctx() { command ctx "$@" || exit "$?"; }\n'

const shellQuoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

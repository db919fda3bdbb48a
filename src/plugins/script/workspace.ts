// The private folder of one script run: the script's copy and the `ctx` command. It is gone when the run is over.
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fault } from '../../kernel/fault.ts'
import { nodeCommand } from './interpreter.ts'

/** The Python package `cloudify` and the program that runs Python scripts. */
export const pythonFolder = fileURLToPath(new URL('./python', import.meta.url))
export const pythonRunner = join(pythonFolder, 'run_script.py')
/** Tells whether a text is Python. */
export const pythonChecker = join(pythonFolder, 'is_python.py')

const ctxProgram = fileURLToPath(new URL(`./bin/ctx${extname(import.meta.url)}`, import.meta.url))

export interface Workspace {
  readonly folder: string
  /** Holds `ctx`; comes first on the script's PATH. */
  readonly bin: string
  /** Copies a file of the blueprint in, under its own name unless another is given. */
  addFile(path: string, name?: string): Promise<string>
  addSource(name: string, source: string): Promise<string>
  remove(): Promise<void>
}

/** @throws Fault `script.no_workspace`, as do the methods that add files. */
export async function openWorkspace(): Promise<Workspace> {
  // mkdtemp makes it 0700: nobody else may read scripts, which may hold secrets in their text.
  const folder = await writing(mkdtemp(join(tmpdir(), 'fermata-script-')))
  const bin = join(folder, 'bin')
  const scripts = join(folder, 'script')
  await writing(Promise.all([mkdir(bin), mkdir(scripts)]))
  await writing(writeFile(join(bin, 'ctx'), launcher(), { mode: 0o700 }))
  await writing(writeFile(join(bin, 'ctx-sh'), failFast, { mode: 0o700 }))
  return {
    folder,
    bin,
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

async function writing<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw fault('script.no_workspace', { details: { folder: tmpdir(), reason }, cause })
  }
}

function launcher(): string {
  const words = [...nodeCommand, ctxProgram].map(shellQuoted).join(' ')
  // NODE_OPTIONS is meant for the script's own Node programs and could break or slow this one.
  return `#!/bin/sh\nunset NODE_OPTIONS\nexec ${words} "$@"\n`
}

/** `. ctx-sh` makes a shell script end as soon as a `ctx` call fails. */
const failFast = '#!/bin/sh\nctx() { command ctx "$@" || exit "$?"; }\n'

const shellQuoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

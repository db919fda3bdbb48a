// Runs a hook: the user's own command around a freeze. Used by the plugin and, when the lease ends, by the guard.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'

export interface Hook {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[]
  readonly cwd: string
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>
  /** Milliseconds. */
  readonly timeout: number
}

/** `failure` says in words what went wrong; undefined: exit code 0. */
export interface HookOutcome {
  readonly failure: string | undefined
  /** The end of what it printed, at most 4,000 characters. */
  readonly output: string
}

const outputLimit = 4000

/** Never rejects. Aborting `giveUp` kills the hook and everything it started in its group. */
export function runHook(hook: Hook, giveUp: AbortSignal): Promise<HookOutcome> {
  const [program = '', ...args] = hook.command
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(program, args, {
      // A folder that is gone must not keep a thaw from happening.
      cwd: existsSync(hook.cwd) ? hook.cwd : '/',
      env: hook.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-outputLimit)
    }
    const kill = (): void => killGroup(child)
    const finish = (failure: string | undefined): void => {
      giveUp.removeEventListener('abort', kill)
      // A grandchild may hold the pipes open for ever.
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ failure, output: output.trim() })
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', (error) => finish(error.message))
    child.once('exit', (code, signal) => finish(giveUp.aborted ? 'it took too long' : describeExit(code, signal)))
    if (giveUp.aborted) kill()
    else giveUp.addEventListener('abort', kill, { once: true })
  })
}

function describeExit(code: number | null, signal: string | null): string | undefined {
  if (code === 0) return undefined
  return code === null ? `ended by ${signal}` : `exit code ${code}`
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It ended by itself just now.
  }
}

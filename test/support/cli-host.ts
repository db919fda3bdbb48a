// A host for the command line without a process around it: what it prints is kept, and fermata is opened on a real home.
import { openFermata } from '../../src/engine/open.ts'
import type { CliHost, OutputStream } from '../../src/cli/host.ts'
import { runCli } from '../../src/cli/run.ts'
import { realWorld } from '../../src/world/real-world.ts'
import type { World } from '../../src/world/world.ts'

export interface CliOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CliHostOptions {
  readonly home: string
  readonly isTerminal?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly world?: World
}

export interface KeptHost {
  readonly host: CliHost
  /** All that was printed so far. */
  readonly printed: { stdout: string; stderr: string }
  /** Presses Ctrl-C; nothing happens when nobody listens. */
  interrupt(): void
}

export async function runInProcess(argv: readonly string[], options: CliHostOptions): Promise<CliOutcome> {
  const { host, printed } = keptHost(options)
  const code = await runCli(argv, host)
  return { code, ...printed }
}

export function keptHost(options: CliHostOptions): KeptHost {
  const printed = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  const stream = (name: 'stdout' | 'stderr'): OutputStream => ({
    write(text) {
      printed[name] += text
      return true
    },
    drained: async () => {},
    closed: new AbortController().signal,
    columns: options.isTerminal ? 100 : undefined,
    isTerminal: options.isTerminal ?? false,
  })
  const host: CliHost = {
    open: (how) => openFermata(how),
    world: options.world ?? realWorld(),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    stdin: { isTerminal: false, read: async () => options.input ?? '', readHidden: async () => options.input ?? '' },
    env: { ...options.env },
    defaultHome: options.home,
    onInterrupt: (handler) => {
      listeners.add(handler)
      return () => listeners.delete(handler)
    },
  }
  return { host, printed, interrupt: () => listeners.forEach((listener) => listener()) }
}

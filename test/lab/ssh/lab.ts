// The lab of SSH hosts as tests see it: who is there, how to reach it, and trouble on demand. `up` starts it.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openConnections, type ConnectionsOptions } from '../../../src/plugins/ssh/client/connections.ts'
import type { Connections, ConnectOptions, Target } from '../../../src/plugins/ssh/client/connection.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { jumpAddress, labAddress, labFiles, labState } from '../../support/ssh-lab.ts'

export const state = labState
const run = promisify(execFile)

if (!existsSync(labFiles.knownHosts)) {
  throw new Error(`no lab runs with its state in ${state}: npm run test:lab -- ssh`)
}

export const usual: ConnectOptions = { signal: new AbortController().signal, world: realWorld() }
export const { signal } = usual

/** How many hosts there are. */
export function countHosts(): number {
  return readFileSync(labFiles.knownHosts, 'utf8').match(/^h\d/gm)?.length ?? 0
}

export const jumpTarget = (changes: Partial<Target> = {}): Target => ({
  host: jumpAddress,
  port: 22,
  user: 'root',
  auth: { keys: [{ key: labFiles.jumpKey }] },
  jumps: [],
  hostKeys: { knownHosts: [labFiles.knownHosts], pinned: [], trust: 'known' },
  connectTimeout: 20_000,
  keepalive: 15_000,
  ...changes,
})

/** `labTarget(7)` is h7, through the jump host. */
export const labTarget = (number: number, changes: Partial<Target> = {}): Target =>
  jumpTarget({
    host: labAddress(number),
    auth: { keys: [{ key: labFiles.hostKey }] },
    jumps: [jumpTarget()],
    ...changes,
  })

/** Trouble: `host('h3', 'cut')`. */
export async function host(name: string, what: 'stop' | 'start' | 'cut' | 'join'): Promise<void> {
  await run(fileURLToPath(new URL('host', import.meta.url)), [name, what], {
    env: { ...process.env, LAB_STATE: state },
  })
}

export function connections(options: ConnectionsOptions = {}): Connections & AsyncDisposable {
  const pool = openConnections(options)
  return {
    connect: (...args) => pool.connect(...args),
    prepare: (...args) => pool.prepare(...args),
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  }
}

/** One line of what the run of the lab has to show. */
export function figure(text: string): void {
  console.log(`      figure: ${text}`)
}

// What commands on many hosts ask of a plugin: two operations that its node types offer, and a list of hosts to query.
import type { Json } from '../../kernel/json.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { World } from '../../world/world.ts'

/**
 * Runs one command on the host, once, whatever becomes of the connection: in doubt it looks for what an earlier attempt
 * began. Returns a CommandOutcome; another exit code than 0 is a fault with effect `done` whose details hold the same.
 */
export const fleetRun = 'fermata.interfaces.fleet.run'
/** Boots the host anew and resolves when it is back. Inputs: `command`, `timeout` in seconds. */
export const fleetReboot = 'fermata.interfaces.fleet.reboot'

/** What a command on a host came to. Texts may be the end of longer ones; the counts are of all bytes. */
export interface CommandOutcome {
  readonly [key: string]: Json
  readonly exit_code: number
  readonly stdout: string
  readonly stderr: string
  readonly stdout_bytes: number
  readonly stderr_bytes: number
}

/** One host of an inventory. What is not told is as for all hosts of the run. */
export interface InventoryHost {
  readonly name?: string
  readonly address: string
  readonly port?: number
  readonly user?: string
}

export interface InventoryContext {
  readonly signal: AbortSignal
  readonly world: World
  /** @throws Fault `secret.missing` */
  secret(name: string): Promise<Secret>
}

/** Hosts that a plugin knows of: `fermata fleet run --from PLUGIN:QUERY`. */
export interface Inventory {
  /** `query`: what stands behind the colon, in the plugin's own words; may be empty. */
  hosts(query: string, ctx: InventoryContext): Promise<readonly InventoryHost[]>
}

// A hypervisor as operations use it: warm connections, an urgent way beside them, streams, events that outlive a connection.
import type { World } from '../../../world/world.ts'
import type { CallOptions, Calls } from './connection.ts'
import type { LibvirtEvents } from './events.ts'
import type { VolumeStreams } from './streams.ts'
import type { Access } from './uri.ts'

export interface HypervisorOptions {
  readonly uri: string
  readonly access?: Access | undefined
  readonly world: World
}

export interface Versions {
  /** `9000000` for 9.0.0: major * 1e6 + minor * 1e3 + release. */
  readonly library: number
  readonly hypervisor: number
  /** `QEMU`, `TEST`. */
  readonly type: string
}

/**
 * Connects when it is first needed, and again when a connection was lost. A call that was lost after it had been sent is
 * repeated only when it changes nothing.
 */
export interface Hypervisor extends Calls, VolumeStreams {
  /** Without secrets. */
  readonly uri: string
  /** Never behind what waits for an agent or a job: for thaw, abort and state. */
  readonly urgent: Calls
  readonly events: LibvirtEvents
  versions(options: CallOptions): Promise<Versions>
  /** Makes connections for that many slow calls at once, so that none waits for one to be made. */
  warm(slowCalls: number, options: CallOptions): Promise<void>
  close(): Promise<void>
}

export declare function openHypervisor(options: HypervisorOptions): Hypervisor

// Events as the daemon's parts tell them, before anybody is asked whether he wants to hear them.
import type { Parameter } from '../../../../src/plugins/libvirt/client/structs.ts'

export interface DomainIdentity {
  readonly name: string
  readonly uuid: string
  readonly id: number
}

/** `fields`: what follows the callback id and the domain on the wire, by the names of the client's table. */
export type DomainEvent =
  | { readonly id: 0; readonly fields: { readonly event: number; readonly detail: number } }
  | { readonly id: 1; readonly fields: Readonly<Record<never, never>> }
  | { readonly id: 8; readonly fields: { readonly path: string; readonly type: number; readonly status: number } }
  | { readonly id: 16; readonly fields: { readonly dst: string; readonly type: number; readonly status: number } }
  | { readonly id: 18; readonly fields: { readonly state: number; readonly reason: number } }
  | { readonly id: 21; readonly fields: { readonly params: readonly Parameter[] } }

export type HostEvent =
  | { readonly of: 'domain'; readonly domain: DomainIdentity; readonly event: DomainEvent }
  | {
      readonly of: 'network' | 'pool'
      readonly object: { readonly name: string; readonly uuid: string }
      readonly event: number
    }

/** Lifecycle events and their details, as `virDomainEventType` counts them. */
export const lifecycle = {
  definedAdded: [0, 0],
  definedUpdated: [0, 1],
  definedRenamed: [0, 2],
  definedFromSnapshot: [0, 3],
  undefinedRemoved: [1, 0],
  undefinedRenamed: [1, 1],
  startedBooted: [2, 0],
  startedRestored: [2, 2],
  startedFromSnapshot: [2, 3],
  suspendedPaused: [3, 0],
  suspendedIoError: [3, 2],
  suspendedRestored: [3, 4],
  suspendedFromSnapshot: [3, 5],
  resumedUnpaused: [4, 0],
  resumedFromSnapshot: [4, 2],
  stoppedShutdown: [5, 0],
  stoppedDestroyed: [5, 1],
  stoppedCrashed: [5, 2],
  stoppedSaved: [5, 4],
  stoppedFromSnapshot: [5, 6],
  shutdownByGuest: [6, 1],
  shutdownByHost: [6, 2],
} as const

export type LifecycleEvent = keyof typeof lifecycle

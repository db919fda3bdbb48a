// The way to a daemon's socket, whichever it is: bytes in, bytes out.
import type { Duplex } from 'node:stream'
import { fault, type Fault } from '../../../../kernel/fault.ts'
import { wordsOf } from '../../../../kernel/words.ts'
import type { World } from '../../../../world/world.ts'
import type { Access, LibvirtUri } from '../uri.ts'

export interface TransportOptions {
  readonly uri: LibvirtUri
  readonly access: Access
  readonly isReadOnly: boolean
  readonly signal: AbortSignal
  readonly world: World
}

export interface Transport {
  readonly socket: Duplex
  /** A connection to this machine does not die unnoticed. */
  readonly isLocal: boolean
  /** What the far side said when it ended, if it said anything. */
  lastWords?(): string
  /** Called when the socket is closed. */
  release?(): void
}

export function unreachable(uri: LibvirtUri, reason: string, cause?: unknown): Fault {
  return fault('libvirt.unreachable', { details: { uri: uri.shown, reason }, cause, effect: 'none' })
}

/** An error of a socket, in words: one of several attempts has none of its own. */
export function socketReason(thrown: unknown): string {
  const { errors } = thrown as { readonly errors?: readonly Error[] }
  return wordsOf(thrown) || errors?.map(({ message }) => message).join('; ') || 'no reason given'
}

// One connection to a libvirt daemon, for whoever makes calls: many at once, answers in any order, events beside them.
import type { Duration } from '../../../kernel/duration.ts'
import type { World } from '../../../world/world.ts'
import type { LibvirtEvents } from './events.ts'
import type { ArgumentsOf, ProcedureName, ReturnsOf } from './procedures.ts'
import type { Access } from './uri.ts'

export interface ConnectOptions {
  /** As libvirt writes it: `qemu:///system`, `qemu+ssh://root@host/system`, `test:///default`. */
  readonly uri: string
  /** Keys and passwords that do not belong into a URI. */
  readonly access?: Access | undefined
  readonly isReadOnly?: boolean
  readonly signal: AbortSignal
  readonly world: World
}

export interface CallOptions {
  readonly signal: AbortSignal
  /** How long the answer may take; quick calls have 60 s by themselves, slow ones what their signal gives them. */
  readonly deadline?: Duration | undefined
}

/** What can be called. */
export interface Calls {
  /**
   * A call that was sent and not answered may have happened: the fault says effect `unknown`, and nothing is repeated.
   * An error of libvirt is a fault, too; `hasCode` tells which.
   *
   * @example
   * const { state, reason } = await hypervisor.call('DOMAIN_GET_STATE', { dom }, { signal: ctx.signal })
   * @throws Fault `libvirt.*`
   */
  call<Name extends ProcedureName>(name: Name, args: ArgumentsOf<Name>, options: CallOptions): Promise<ReturnsOf<Name>>
}

export interface LibvirtConnection extends Calls {
  /** Without secrets. */
  readonly uri: string
  readonly events: LibvirtEvents
  /** Aborts when the connection is gone; the reason is a text. */
  readonly lost: AbortSignal
  /** Says goodbye; what is still under way fails. */
  close(): Promise<void>
}

/** @throws Fault `libvirt.bad_uri`, `libvirt.unreachable`, `libvirt.refused`, `ssh.*`; effect none */
export declare function connect(options: ConnectOptions): Promise<LibvirtConnection>

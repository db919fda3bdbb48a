// The contract of what thaws a node when we cannot: armed before the freeze, and in need of nothing from us afterwards.
import type { Duration, Instant } from '../../kernel/duration.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { OperationContext } from './context.ts'

/** Where the deadman lives: in the guest, beside the hypervisor (or on this host), or only as the platform's own limit. */
export type DeadmanKind = 'guest' | 'host' | 'platform'

export interface DeadmanRequest {
  /** Names this freeze; a deadman never thaws a freeze with another token. */
  readonly token: string
  readonly lease: Duration
  /** Counted from arming; no extension may go beyond it. Default: the lease, so that there is none. */
  readonly maximum?: Duration
  /** The node's own fs_finalize, for deadmen that run it: implementation name and inputs, functions evaluated. */
  readonly finalize?: DeadmanFinalize
}

export interface DeadmanFinalize {
  readonly plugin: string
  readonly operation: string
  readonly inputs: JsonObject
  /** As in the details of an operation. */
  readonly executor?: string
}

/** Enough to find the deadman again from another process; kept in the freeze ledger. */
export type DeadmanHandle = JsonObject

/** What can be had on one node, found out without changing anything. `none`: nothing would thaw it but us. */
export interface DeadmanProbe {
  readonly kind: DeadmanKind | 'none'
  /** null: as long as one likes. */
  readonly longestHold: Duration | null
  /** Why it is not better. */
  readonly reason: string | null
  /** It stands still without a freeze, and so needs nobody to thaw it. */
  readonly isStill?: boolean
  /** By what it says of itself it has no freeze, and is left as one without fs_prepare: its cut says what it is worth. */
  readonly isUnasked?: boolean
}

export interface Deadman {
  readonly kind: DeadmanKind
  /** The longest lease that is safe; absent: as long as one likes. */
  readonly longestHold?: Duration
  /** For deadmen that not every node can carry. `finalize`: the node's own fs_finalize, when it has one. */
  probe?(ctx: OperationContext, finalize?: DeadmanFinalize): Promise<DeadmanProbe>
  /** Resolves once the deadman has acknowledged that its clock runs. @throws Fault `freeze.not_armed` */
  arm(ctx: OperationContext, request: DeadmanRequest): Promise<DeadmanHandle>
  /**
   * Lets the lease begin anew, never beyond the maximum it was armed with. Resolves when the deadman has acknowledged.
   * Another process than the one that armed may ask: the credentials of `finalize` are in no handle.
   */
  extend?(
    ctx: OperationContext,
    handle: DeadmanHandle,
    lease: Duration,
    finalize?: DeadmanFinalize,
  ): Promise<DeadmanHandle>
  /**
   * After the thaw was read back. Tells whether, and when, the deadman had fired. Disarming twice is no error. Another
   * process than the one that armed may ask.
   */
  disarm(
    ctx: OperationContext,
    handle: DeadmanHandle,
    finalize?: DeadmanFinalize,
  ): Promise<{ readonly firedAt: Instant | null }>
}

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
}

/** Enough to find the deadman again from another process; kept in the freeze ledger. */
export type DeadmanHandle = JsonObject

export interface Deadman {
  readonly kind: DeadmanKind
  /** Resolves once the deadman has acknowledged that its clock runs. @throws Fault `freeze.not_armed` */
  arm(ctx: OperationContext, request: DeadmanRequest): Promise<DeadmanHandle>
  /** After the thaw was read back. Tells whether, and when, the deadman had fired. Disarming twice is no error. */
  disarm(ctx: OperationContext, handle: DeadmanHandle): Promise<{ readonly firedAt: Instant | null }>
}

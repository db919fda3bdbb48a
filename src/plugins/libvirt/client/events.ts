// Events of a daemon: what can be listened to, and what each of them tells.
import { domain, network, parameters, pool } from './structs.ts'
import { i32, i64, nullable, str, struct, u32, u64, type Decoded, type Fields, type XdrStruct } from './xdr.ts'

export interface EventKind<Shape extends Fields> {
  readonly of: 'domain' | 'network' | 'pool' | 'monitor'
  /** What registering asks for. */
  readonly id: number
  /** The procedure number it comes as. */
  readonly message: number
  /** Without the callback id, which comes first. */
  readonly body: XdrStruct<Shape>
}

function kind<Shape extends Fields>(
  of: EventKind<Shape>['of'],
  id: number,
  message: number,
  fields: Shape,
): EventKind<Shape> {
  return { of, id, message, body: struct(fields) }
}

const dom = domain

export const eventKinds = {
  lifecycle: kind('domain', 0, 318, { dom, event: i32, detail: i32 }),
  reboot: kind('domain', 1, 319, { dom }),
  ioError: kind('domain', 6, 324, { dom, srcPath: str, devAlias: str, action: i32, reason: str }),
  controlError: kind('domain', 7, 325, { dom }),
  /** `dst` is the target's name, such as `vda`. */
  blockJob: kind('domain', 16, 339, { dom, dst: str, type: i32, status: i32 }),
  balloon: kind('domain', 13, 331, { dom, actual: u64 }),
  agent: kind('domain', 18, 348, { dom, state: i32, reason: i32 }),
  jobCompleted: kind('domain', 21, 363, { dom, params: parameters }),
  metadata: kind('domain', 23, 379, { dom, type: i32, uri: nullable(str) }),
  blockThreshold: kind('domain', 24, 385, { dom, dev: str, path: nullable(str), threshold: u64, excess: u64 }),
  network: kind('network', 0, 315, { net: network, event: i32, detail: i32 }),
  pool: kind('pool', 0, 370, { pool, event: i32, detail: i32 }),
  poolRefresh: kind('pool', 1, 373, { pool }),
  monitor: kind('monitor', 0, 6, { dom, event: str, seconds: i64, micros: u32, details: nullable(str) }),
} as const

export type EventName = keyof typeof eventKinds
type Shape<Of> = Of extends XdrStruct<infer Found> ? Found : never
export type EventOf<Name extends EventName> = Decoded<Shape<(typeof eventKinds)[Name]['body']>>

export interface ListenOptions<Name extends EventName> {
  /** Events of this domain, network or pool alone; left out: of all. */
  readonly uuid?: string
  onEvent(event: EventOf<Name>): void
  /** Events may have been missed: the connection was lost. Read what you wait for. */
  onGap?(reason: string): void
  /** Ends the listening, too. */
  readonly signal: AbortSignal
}

export interface LibvirtEvents {
  /**
   * Resolves when the daemon has registered it: whatever is done from then on is told. What it returns ends it.
   * Events make waiting short; what they tell is read back before it is relied on.
   */
  listen<Name extends EventName>(name: Name, options: ListenOptions<Name>): Promise<() => Promise<void>>
}

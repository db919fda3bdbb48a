// How the daemon's answers are written down: one function per procedure, typed by the client's table.
import type { ProcedureName, procedures } from '../../../../src/plugins/libvirt/client/procedures.ts'
import type { Decoded, Encodable, XdrStruct } from '../../../../src/plugins/libvirt/client/xdr.ts'
import type { Host } from '../model/host.ts'
import type { Registration } from './registrations.ts'
import type { ServerStream } from './server-stream.ts'

type Shape<Of> = Of extends XdrStruct<infer Found> ? Found : never

/** What a call arrives with: every field is there. */
export type Received<Name extends ProcedureName> = Decoded<Shape<(typeof procedures)[Name]['args']>>
export type Answer<Name extends ProcedureName> = Encodable<Shape<(typeof procedures)[Name]['returns']>>

/** What an answer may need of the connection that asked. */
export interface Caller {
  readonly host: Host
  readonly settings: DaemonSettings
  isOpen: boolean
  isReadOnly: boolean
  isAuthenticated: boolean
  keepAlive(): void
  /** Returns the callback id. */
  register(registration: Registration): number
  deregister(callbackId: number): void
  /** Takes the bytes that follow this call. */
  stream(stream: ServerStream): void
  /** After the answer. */
  hangUp(): void
}

export interface DaemonSettings {
  readonly auth: 'none' | 'polkit' | 'sasl'
  readonly drivers: readonly string[]
}

export type Handlers = {
  readonly [Name in ProcedureName]?: (args: Received<Name>, caller: Caller) => Answer<Name> | Promise<Answer<Name>>
}

/** For answers without values. */
export const nothing: Record<never, never> = {}

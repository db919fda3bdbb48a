// The one table of what can be called: numbers, arguments, results, in libvirt's own names. Types follow from it.
import { connectionProcedures } from './procedures/connection.ts'
import type { Procedure } from './procedures/declare.ts'
import { domainProcedures } from './procedures/domains.ts'
import { guestProcedures } from './procedures/guests.ts'
import { jobProcedures } from './procedures/jobs.ts'
import { networkProcedures } from './procedures/networks.ts'
import { registrationProcedures } from './procedures/registrations.ts'
import { savedStateProcedures } from './procedures/snapshots.ts'
import { storageProcedures } from './procedures/storage.ts'
import type { Decoded, Encodable, Fields, XdrStruct } from './xdr.ts'

export const procedures = {
  ...connectionProcedures,
  ...domainProcedures,
  ...guestProcedures,
  ...savedStateProcedures,
  ...jobProcedures,
  ...networkProcedures,
  ...storageProcedures,
  ...registrationProcedures,
} as const

export type ProcedureName = keyof typeof procedures
type Shape<Of> = Of extends XdrStruct<infer Found> ? Found : never

export type ArgumentsOf<Name extends ProcedureName> = Encodable<Shape<(typeof procedures)[Name]['args']>>
export type ReturnsOf<Name extends ProcedureName> = Decoded<Shape<(typeof procedures)[Name]['returns']>>

/** For whoever reads or writes calls without knowing which. */
export type AnyProcedure = Procedure<Fields, Fields>

export const programs = { remote: 0x20008086, qemu: 0x20008087, keepalive: 0x6b656570 } as const
export const protocolVersion = 1

// What goes wrong with machines and their copies, as faults. What a vCenter itself answers is the client's.
import { formatDuration, type Duration } from '../../kernel/duration.ts'
import { fault, type Fault } from '../../kernel/fault.ts'

/** A property, parameter or input that does not fit; `property` is its whole path: `connection_config.host`. */
export function badProperty(property: string, reason: string): Fault {
  return fault('vsphere.bad_property', { details: { property, reason } })
}

export function notCreated(kind: string): Fault {
  return fault('vsphere.not_created', { details: { kind } })
}

/** `name`: its name, or its id. */
export function missing(kind: string, name: string): Fault {
  return fault('vsphere.missing', { details: { kind, name } })
}

export function ambiguous(kind: string, name: string, ids: readonly string[]): Fault {
  return fault('vsphere.ambiguous', { details: { kind, name, count: ids.length, ids: ids.join(', ') } })
}

/** It may still become what we want. */
export function notReached(
  kind: string,
  name: string,
  { state, wanted, limit }: { readonly state: string; readonly wanted: string; readonly limit: Duration },
): Fault {
  return fault('vsphere.not_reached', { details: { kind, name, state, wanted, limit: formatDuration(limit) } })
}

/** Nothing has happened: there is no way from what it is. */
export function cannot(kind: string, name: string, wanted: string, state: string): Fault {
  return fault('vsphere.cannot', { details: { kind, name, wanted, state } })
}

/** `name`: of the backup, or the id of the copy. */
export function copyDamaged(name: string, reason: string): Fault {
  return fault('vsphere.copy_damaged', { details: { name, reason } })
}

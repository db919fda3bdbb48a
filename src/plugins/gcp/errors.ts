// What goes wrong with instances, disks and the like, as faults. What the cloud itself answers is the client's.
import { fault, type Effect, type Fault } from '../../kernel/fault.ts'
import { formatDuration, type Duration } from '../../kernel/duration.ts'

/** A property, parameter or input that does not fit; `property` is its whole path: `client_config.auth`. */
export function badProperty(property: string, reason: string): Fault {
  return fault('gcp.bad_property', { details: { property, reason } })
}

export function notCreated(kind: string): Fault {
  return fault('gcp.not_created', { details: { kind } })
}

export function missing(kind: string, name: string): Fault {
  return fault('gcp.missing', { details: { kind, name } })
}

/** What we asked for went wrong, and the thing is left as it is. */
export function errorState(kind: string, name: string, status: string, reason: string): Fault {
  return fault('gcp.error_state', { details: { kind, name, status, reason }, effect: 'done' })
}

/** It may still become what we want. */
export function notReached(
  kind: string,
  name: string,
  { status, wanted, limit }: { readonly status: string; readonly wanted: string; readonly limit: Duration },
): Fault {
  return fault('gcp.not_reached', {
    details: { kind, name, status, wanted, limit: formatDuration(limit) },
    effect: 'unknown',
  })
}

/** Nothing has happened: it is not in a state from which there is a way. */
export function cannot(kind: string, name: string, wanted: string, state: string): Fault {
  return fault('gcp.cannot', { details: { kind, name, wanted, state } })
}

export function copyDamaged(name: string, reason: string): Fault {
  return fault('gcp.copy_damaged', { details: { name, reason } })
}

/** `effect` tells whether what lay on the disk is still whole. */
export function notRestorable(disk: string, reason: string, effect: Effect = 'none'): Fault {
  return fault('gcp.not_restorable', { details: { disk, reason }, effect })
}

// What goes wrong with servers, volumes and the like, as faults. What the cloud itself answers is the client's.
import { fault, type Effect, type Fault } from '../../kernel/fault.ts'
import { formatDuration, type Duration } from '../../kernel/duration.ts'

/** A property, parameter or input that does not fit; `property` is its whole path: `client_config.auth_url`. */
export function badProperty(property: string, reason: string): Fault {
  return fault('openstack.bad_property', { details: { property, reason } })
}

export function notCreated(kind: string): Fault {
  return fault('openstack.not_created', { details: { kind } })
}

/** `name`: its name, or its id. */
export function missing(kind: string, name: string): Fault {
  return fault('openstack.missing', { details: { kind, name } })
}

export function ambiguous(kind: string, name: string, ids: readonly string[]): Fault {
  return fault('openstack.ambiguous', { details: { kind, name, count: ids.length, ids: ids.join(', ') } })
}

/** What we asked for went wrong, and the thing is left as it is. */
export function errorState(kind: string, id: string, status: string, reason: string): Fault {
  return fault('openstack.error_state', { details: { kind, id, status, reason }, effect: 'done' })
}

/** It may still become what we want. */
export function notReached(
  kind: string,
  id: string,
  { status, wanted, limit }: { readonly status: string; readonly wanted: string; readonly limit: Duration },
): Fault {
  return fault('openstack.not_reached', {
    details: { kind, id, status, wanted, limit: formatDuration(limit) },
    effect: 'unknown',
  })
}

/** Nothing has happened: it is not in a state from which there is a way. */
export function cannot(kind: string, name: string, wanted: string, state: string): Fault {
  return fault('openstack.cannot', { details: { kind, name, wanted, state } })
}

/** `name`: of the backup, or the id of the copy. */
export function copyDamaged(name: string, reason: string): Fault {
  return fault('openstack.copy_damaged', { details: { name, reason } })
}

/** `holder`: what needs it. */
export function copyNeeded(kind: string, id: string, holder: string): Fault {
  return fault('openstack.copy_needed', { details: { kind, id, holder } })
}

/** Of a volume; `effect` tells whether what lay on it is still whole. */
export function notRestorable(volume: string, reason: string, effect: Effect = 'none'): Fault {
  return fault('openstack.not_restorable', { details: { volume, reason }, effect })
}

// What goes wrong with domains, networks, pools and volumes, as faults. What libvirt itself answers is the client's.
import { fault, type Effect, type Fault } from '../../kernel/fault.ts'

/** A property, parameter or input that does not fit; `property` is its whole path: `params.disks[0].file`. */
export function badProperty(property: string, reason: string): Fault {
  return fault('libvirt.bad_property', { details: { property, reason } })
}

/** `reason` must quote nothing of the document: it may hold a password. */
export function badXml(what: string, reason: string): Fault {
  return fault('libvirt.bad_xml', { details: { what, reason } })
}

export function notCreated(kind: string): Fault {
  return fault('libvirt.not_created', { details: { kind } })
}

export function missing({ uri }: { readonly uri: string }, kind: string, name: string): Fault {
  return fault('libvirt.missing', { details: { uri, kind, name } })
}

/** Something of that name is there, and nobody knows that it is ours. */
export function nameTaken({ uri }: { readonly uri: string }, kind: string, name: string): Fault {
  return fault('libvirt.name_taken', { details: { uri, kind, name } })
}

/** `paths` are those of live and backup that are not the same. */
export function differs(
  what: { readonly kind: string; readonly name: string },
  { reason, paths, effect }: { readonly reason: string; readonly paths: readonly string[]; readonly effect: Effect },
): Fault {
  const shown = paths.slice(0, 10).join(', ')
  const differences = paths.length > 10 ? `${shown} and ${paths.length - 10} more` : shown
  return fault('libvirt.differs', { details: { ...what, reason, differences }, effect })
}

export function inUse(kind: string, name: string, users: readonly string[]): Fault {
  return fault('libvirt.in_use', { details: { kind, name, users: users.map((one) => `'${one}'`).join(', ') } })
}

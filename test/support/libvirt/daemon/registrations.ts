// Who wants to hear which events, and how they are put on the wire.
import { eventKinds, type EventName } from '../../../../src/plugins/libvirt/client/events.ts'
import { domain, type Domain } from '../../../../src/plugins/libvirt/client/structs.ts'
import { i32, str, struct, XdrWriter, type Fields, type XdrStruct } from '../../../../src/plugins/libvirt/client/xdr.ts'
import type { HostEvent } from '../model/events.ts'

export interface Registration {
  readonly of: 'domain' | 'network' | 'pool'
  readonly id: number
  /** Of this object alone. */
  readonly uuid: string | undefined
}

/** One message to one listener. */
export interface EventMessage {
  readonly procedure: number
  readonly payload: Buffer
}

/** The older form of the block job event, which the client does not ask for. */
const pathBlockJob = { id: 8, message: 326, body: struct({ dom: domain, path: str, type: i32, status: i32 }) }

const kinds: readonly { readonly id: number; readonly message: number; readonly of: string; readonly body: unknown }[] =
  [...Object.values(eventKinds), { ...pathBlockJob, of: 'domain' }]

export const isKnown = (of: string, id: number): boolean => kinds.some((kind) => kind.of === of && kind.id === id)

export function wants(registration: Registration, event: HostEvent): boolean {
  if (registration.of !== event.of || registration.id !== idOf(event)) return false
  const uuid = event.of === 'domain' ? event.domain.uuid : event.object.uuid
  return registration.uuid === undefined || registration.uuid === uuid
}

const idOf = (event: HostEvent): number => (event.of === 'domain' ? event.event.id : 0)

/** The client's name of an event, for faults that pick it out; undefined for those it has none for. */
export function nameOf(event: HostEvent): EventName | undefined {
  const names = Object.keys(eventKinds) as readonly EventName[]
  return names.find((name) => eventKinds[name].of === event.of && eventKinds[name].id === idOf(event))
}

export function messageFor(callbackId: number, event: HostEvent): EventMessage {
  const kind = kinds.find(({ of, id }) => of === event.of && id === idOf(event))
  if (!kind) throw new Error(`no event ${event.of} ${idOf(event)}`)
  const to = new XdrWriter()
  to.i32(callbackId)
  ;(kind.body as XdrStruct<Fields>).write(to, valuesOf(event) as never)
  return { procedure: kind.message, payload: Buffer.from(to.written) }
}

function valuesOf(event: HostEvent): Record<string, unknown> {
  if (event.of === 'domain') return { dom: event.domain satisfies Domain, ...event.event.fields }
  return { [event.of === 'network' ? 'net' : 'pool']: event.object, event: event.event, detail: 0 }
}

// The document of a network, from the params of a blueprint.
import { isIP } from 'node:net'
import type { JsonObject } from '../../../kernel/json.ts'
import { Reader } from '../reader.ts'
import type { Identity } from '../resource/identity.ts'
import { element, type XmlElement } from '../xml/element.ts'

/** @throws Fault `libvirt.bad_property` */
export function describeNetwork(params: JsonObject, { name, uuid }: Identity): XmlElement {
  const from = new Reader(params, 'params')
  const forwards = from.list('forwards').map(forwardOf)
  if (forwards.length > 1) throw from.bad('forwards', 'a network has one way to the outside at most')
  const bridge = from.text('dev')
  // What the kernel takes as the name of an interface.
  if (bridge !== undefined && !/^[^\s/]{1,15}$/.test(bridge))
    throw from.bad('dev', 'expected a name of at most 15 characters')
  const hasNames = from.boolean('dns') ?? true
  const domain = from.text('domain')
  return element(
    'network',
    {},
    element('name', {}, name),
    element('uuid', {}, uuid),
    ...forwards,
    bridge === undefined ? null : element('bridge', { name: bridge }),
    domain === undefined ? null : element('domain', { name: domain }),
    hasNames ? null : element('dns', { enable: 'no' }),
    ...from.list('ips').map(ipOf),
  )
}

const modes = ['nat', 'route', 'open', 'bridge', 'private', 'vepa', 'passthrough', 'hostdev'] as const

function forwardOf(from: Reader): XmlElement {
  return element('forward', { mode: from.oneOf('mode', modes), dev: from.text('dev') })
}

function ipOf(from: Reader): XmlElement {
  const address = addressIn(from, 'address')
  const netmask = from.text('netmask')
  const prefix = from.integer('prefix', 0, 128)
  if (netmask !== undefined && prefix !== undefined) throw from.bad('prefix', 'there is a netmask, too')
  const family = isIP(address) === 6 ? 'ipv6' : null
  return element('ip', { family, address, netmask, prefix }, from.has('dhcp') ? dhcpOf(from.below('dhcp')) : null)
}

function dhcpOf(from: Reader): XmlElement {
  const range = element('range', { start: addressIn(from, 'start'), end: addressIn(from, 'end') })
  return element('dhcp', {}, range, ...from.list('hosts').map(hostOf))
}

function hostOf(from: Reader): XmlElement {
  return element('host', { mac: from.text('mac')?.toLowerCase(), name: from.text('name'), ip: addressIn(from, 'ip') })
}

function addressIn(from: Reader, name: string): string {
  const text = from.required(name, from.text)
  if (isIP(text) === 0) throw from.bad(name, `'${text}' is no address`)
  return text
}

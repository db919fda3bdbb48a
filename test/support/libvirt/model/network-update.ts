// Changing parts of a network while it goes on: hosts of its DHCP, and its DNS entries.
import { editAt, element, firstAt, withChildren, type XmlElement } from '../../../../src/plugins/libvirt/xml/element.ts'
import { parseDevice } from './domain-xml.ts'
import type { Network } from './networks.ts'
import { operationInvalid, VirError } from './vir-error.ts'

const commands = { modify: 1, delete: 2, addLast: 3, addFirst: 4 } as const
const dhcpHostSection = 4
const affect = { live: 1, config: 2 } as const

export interface NetworkChange {
  readonly command: number
  readonly section: number
  readonly xml: string
}

/** @throws VirError 3 for sections that are not played, 55 when such a host is there already, or is not */
export function updateNetwork(network: Network, change: NetworkChange, flags: number): void {
  if (change.section !== dhcpHostSection) {
    throw new VirError(3, `this function is not supported by the fake daemon: section ${change.section}`)
  }
  const entry = parseDevice(change.xml)
  const edited = (document: XmlElement): XmlElement => withHost(document, entry, change.command)
  const isLive = flags === 0 ? network.isActive : (flags & affect.live) !== 0
  const isConfig = flags === 0 ? !network.isActive : (flags & affect.config) !== 0
  if (isLive && !network.live) throw operationInvalid('network is not running', 19)
  if (isConfig) network.config = edited(network.config)
  if (isLive && network.live) network.live = edited(network.live)
}

function withHost(document: XmlElement, entry: XmlElement, command: number): XmlElement {
  return editAt(document, 'ip', (ip) => {
    const dhcp = firstAt(ip, 'dhcp') ?? element('dhcp')
    const others = dhcp.children.filter((child) => typeof child === 'string' || !isSame(child, entry))
    const isThere = others.length < dhcp.children.length
    if (isThere === (command === commands.addLast || command === commands.addFirst)) {
      throw operationInvalid(
        isThere ? 'there is an existing dhcp host entry' : "couldn't locate a matching dhcp host entry",
        19,
      )
    }
    const children =
      command === commands.delete ? others : command === commands.addFirst ? [entry, ...others] : [...others, entry]
    const changed = withChildren(dhcp, children)
    return withChildren(ip, [
      ...ip.children.filter((child) => typeof child === 'string' || child.name !== 'dhcp'),
      changed,
    ])
  })
}

const isSame = (left: XmlElement, right: XmlElement): boolean =>
  left.name === right.name && left.attributes['mac'] === right.attributes['mac']

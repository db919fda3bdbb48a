// Networks: defined, started, stopped; with leases that a test gives out.
import {
  allAt,
  attributeAt,
  element,
  firstAt,
  textAt,
  withAttributes,
  withChild,
  type XmlElement,
} from '../../../../src/plugins/libvirt/xml/element.ts'
import { writeXml } from '../../../../src/plugins/libvirt/xml/write.ts'
import type { Domain } from './domain.ts'
import { parsed } from './domain-xml.ts'
import type { Host } from './host.ts'
import { noNetwork, operationFailed, operationInvalid } from './vir-error.ts'

export interface Lease {
  readonly mac: string
  readonly ip: string
  readonly hostname?: string
}

const events = { defined: 0, undefined: 1, started: 2, stopped: 3 } as const
const networkDomain = 19

export class Network {
  readonly name: string
  readonly uuid: string
  config: XmlElement
  live: XmlElement | undefined
  isPersistent = true
  autostart = false
  leases: readonly Lease[] = []

  constructor(name: string, uuid: string, config: XmlElement) {
    this.name = name
    this.uuid = uuid
    this.config = config
  }

  get isActive(): boolean {
    return this.live !== undefined
  }

  get bridge(): string {
    return firstAt(this.live ?? this.config, 'bridge')?.attributes['name'] ?? ''
  }
}

export class Networks {
  readonly all = new Map<string, Network>()
  readonly #host: Host
  #bridges = 0

  constructor(host: Host) {
    this.#host = host
  }

  /** @throws VirError 43 */
  find(name: string): Network {
    const found = this.all.get(name)
    if (!found) throw noNetwork(name)
    return found
  }

  /** @throws VirError 9 when another network has its name */
  define(xml: string, isPersistent = true): Network {
    const given = parsed(xml, 'network')
    const name = textAt(given, 'name') ?? ''
    const before = this.all.get(name)
    const uuid = textAt(given, 'uuid')
    if (before && uuid !== before.uuid) {
      throw operationFailed(`network '${name}' already exists with uuid ${before.uuid}`)
    }
    const network = before ?? new Network(name, uuid ?? this.#host.newUuid(), given)
    network.config = this.#completed(given, network.uuid)
    network.isPersistent = isPersistent
    this.all.set(name, network)
    this.#tell(network, 'defined')
    return network
  }

  #completed(given: XmlElement, uuid: string): XmlElement {
    const identified = withChild(given, element('uuid', {}, uuid))
    const bridge = firstAt(identified, 'bridge') ?? element('bridge', { stp: 'on', delay: 0 })
    const name = bridge.attributes['name'] ?? `virbr${this.#bridges++}`
    const bridged = withChild(identified, withAttributes(bridge, { name }))
    return firstAt(bridged, 'mac') ? bridged : withChild(bridged, element('mac', { address: this.#host.newMac() }))
  }

  /** @throws VirError 55 */
  start(network: Network): void {
    if (network.isActive) throw operationInvalid('network is already active', networkDomain)
    network.live = network.config
    this.#tell(network, 'started')
  }

  stop(network: Network): void {
    if (!network.isActive) throw operationInvalid(`network '${network.name}' is not active`, networkDomain)
    network.live = undefined
    network.leases = []
    this.#tell(network, 'stopped')
    if (!network.isPersistent) this.all.delete(network.name)
  }

  /** An active one goes on, and is forgotten when it stops. */
  undefine(network: Network): void {
    if (!network.isPersistent) throw operationInvalid('cannot undefine transient network', networkDomain)
    network.isPersistent = false
    if (!network.isActive) this.all.delete(network.name)
    this.#tell(network, 'undefined')
  }

  /** Of a domain's interfaces, as far as somebody leased them one. */
  addressesOf(
    domain: Domain,
  ): { name: string; hwaddr: string; addrs: { type: number; addr: string; prefix: number }[] }[] {
    const leases = [...this.all.values()].flatMap((network) => network.leases)
    return allAt(domain.document, 'devices/interface').flatMap((nic, index) => {
      const hwaddr = attributeAt(nic, 'mac', 'address') ?? ''
      const mine = leases.filter((lease) => lease.mac === hwaddr)
      if (mine.length === 0) return []
      return [{ name: `vnet${index}`, hwaddr, addrs: mine.map(({ ip }) => ({ type: 0, addr: ip, prefix: 24 })) }]
    })
  }

  xml(network: Network, isInactive: boolean): string {
    return writeXml(isInactive || !network.live ? network.config : network.live)
  }

  #tell(network: Network, event: keyof typeof events): void {
    this.#host.tell({ of: 'network', object: { name: network.name, uuid: network.uuid }, event: events[event] })
  }
}

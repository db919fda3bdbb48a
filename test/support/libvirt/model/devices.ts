// Devices that are put into a domain and taken out of it, in the stored document, in the running one, or both.
import {
  attributeAt,
  firstAt,
  withChild,
  withChildren,
  element,
  type XmlElement,
} from '../../../../src/plugins/libvirt/xml/element.ts'
import type { Domain } from './domain.ts'
import { parseDevice } from './domain-xml.ts'
import { operationFailed, operationInvalid, VirError } from './vir-error.ts'

const affect = { live: 1, config: 2 } as const

function edit(domain: Domain, flags: number, change: (devices: XmlElement) => XmlElement): void {
  const isLive = flags === 0 ? domain.isActive : (flags & affect.live) !== 0
  const isConfig = flags === 0 ? !domain.isActive : (flags & affect.config) !== 0
  if (isLive && !domain.live) throw operationInvalid('domain is not running')
  const edited = (document: XmlElement): XmlElement =>
    withChild(document, change(firstAt(document, 'devices') ?? element('devices')))
  if (isConfig) domain.config = edited(domain.config)
  if (isLive && domain.live) domain.live = edited(domain.live)
}

export function attachDevice(domain: Domain, xml: string, flags: number): void {
  const device = parseDevice(xml)
  edit(domain, flags, (devices) => {
    if (device.name === 'disk' && indexOf(devices, device) >= 0) {
      throw operationFailed(`target ${attributeAt(device, 'target', 'dev')} already exists`)
    }
    return withChildren(devices, [...devices.children, device])
  })
}

/** @throws VirError 99 when there is none like it */
export function detachDevice(domain: Domain, xml: string, flags: number): void {
  const device = parseDevice(xml)
  edit(domain, flags, (devices) => {
    const at = indexOf(devices, device)
    if (at < 0) throw new VirError(99, `device not found: no matching ${device.name} was found`)
    return withChildren(devices, devices.children.toSpliced(at, 1))
  })
}

function indexOf(devices: XmlElement, wanted: XmlElement): number {
  const [path, attribute] = wanted.name === 'interface' ? ['mac', 'address'] : ['target', 'dev']
  return devices.children.findIndex(
    (child) =>
      typeof child !== 'string' &&
      child.name === wanted.name &&
      attributeAt(child, path as string, attribute as string) ===
        attributeAt(wanted, path as string, attribute as string),
  )
}

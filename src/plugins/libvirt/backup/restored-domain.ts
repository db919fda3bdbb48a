// The definition of a restored domain: the saved one, with its restored disks in place of those that it had; as the
// domain that it was, or as another one beside it.
import type { Mark } from '../domain/mark.ts'
import { markNamespace } from '../domain/mark.ts'
import {
  editAt,
  element,
  elementsOf,
  firstAt,
  withAttributes,
  withChild,
  withChildren,
  withoutChild,
  type XmlElement,
} from '../xml/element.ts'

/** Where a disk lies from now on. */
export interface RestoredDisk {
  readonly target: string
  readonly format: string
  readonly source: { readonly file: string } | { readonly pool: string; readonly volume: string }
}

export interface Restored {
  readonly disks: readonly RestoredDisk[]
  /** Of the firmware's variables. */
  readonly nvram: string | undefined
}

/** Under the name that it has today. */
export function sameDomain(saved: XmlElement, name: string, restored: Restored): XmlElement {
  return withChild(withRestored(saved, restored), element('name', {}, name))
}

export interface Identity extends Mark {
  readonly name: string
  readonly uuid: string
  /** Of the operation that makes it. */
  readonly key: string
}

/** What must not be there twice is made anew: uuid, addresses on networks, files that it writes to. */
export function otherDomain(saved: XmlElement, identity: Identity, restored: Restored): XmlElement {
  const { name, uuid } = identity
  const named = withChild(withChild(saved, element('name', {}, name)), element('uuid', {}, uuid))
  const plain = [
    (one: XmlElement) => editAt(one, 'devices/interface', (nic) => withoutChild(nic, 'mac')),
    (one: XmlElement) => editAt(one, 'sysinfo/system/entry', (entry) => (isUuid(entry) ? null : entry)),
    ...['serial', 'console', 'parallel'].map(
      (device) => (one: XmlElement) => editAt(one, `devices/${device}/source`, (source) => beside(source, name)),
    ),
  ].reduce((one, edit) => edit(one), named)
  return withRestored(withIdentity(plain, identity), restored)
}

/** True for a domain that this operation has made. */
export function isMadeBy(domain: XmlElement, { key, deployment }: Pick<Identity, 'key' | 'deployment'>): boolean {
  const found = elementsOf(firstAt(domain, 'metadata') ?? element('metadata')).find(isOurs)
  return found?.attributes['operation'] === key && found.attributes['deployment'] === deployment
}

function withRestored(domain: XmlElement, { disks, nvram }: Restored): XmlElement {
  const edited = editAt(domain, 'devices/disk', (disk) => {
    const target = firstAt(disk, 'target')?.attributes['dev']
    const found = disks.find((one) => one.target === target)
    return found === undefined ? disk : withSource(disk, found)
  })
  if (nvram === undefined) return edited
  return editAt(edited, 'os/nvram', (one) => withNvram(one, nvram))
}

function withSource(disk: XmlElement, { source, format }: RestoredDisk): XmlElement {
  const kind = 'file' in source ? 'file' : 'volume'
  const old = firstAt(disk, 'source') ?? element('source')
  // What stands inside it, such as labels, belongs to the old file; a backing chain does, too.
  const kept = withoutChild(withAttributes(disk, { type: kind }), 'backingStore')
  const driver = withAttributes(firstAt(disk, 'driver') ?? element('driver', { name: 'qemu' }), { type: format })
  const startup = old.attributes['startupPolicy']
  return withChild(withChild(kept, driver), element('source', { ...source, startupPolicy: startup }))
}

function withNvram(nvram: XmlElement, path: string): XmlElement {
  const source = firstAt(nvram, 'source')
  if (source === undefined) return withChildren(nvram, [path])
  return withChild(nvram, withAttributes(source, { file: path }))
}

function withIdentity(domain: XmlElement, { key, deployment, instance }: Identity): XmlElement {
  const metadata = firstAt(domain, 'metadata') ?? element('metadata')
  const others = elementsOf(metadata).filter((one) => !isOurs(one))
  const own = element('fermata:restored', {
    'xmlns:fermata': markNamespace,
    deployment,
    instance,
    operation: key,
  })
  return withChild(domain, withChildren(metadata, [...others, own]))
}

function isOurs({ name, attributes }: XmlElement): boolean {
  const prefix = name.includes(':') ? `xmlns:${name.split(':')[0]}` : 'xmlns'
  return attributes[prefix] === markNamespace
}

const isUuid = ({ attributes }: XmlElement): boolean => attributes['name'] === 'uuid'

function beside(source: XmlElement, name: string): XmlElement {
  const { path } = source.attributes
  return path === undefined || path.startsWith('/dev/') ? source : withAttributes(source, { path: `${path}.${name}` })
}

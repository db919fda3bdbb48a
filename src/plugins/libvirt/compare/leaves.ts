// A document of libvirt as a flat list of its values, each under a path that finds it again in another document: what order
// elements came in, in what unit a size is written and what is only there for the moment does not count.
import { allAt, attributeAt, elementsOf, textAt, type XmlElement } from '../xml/element.ts'

/** Path -> value: `/network/ip[@address='10.0.0.1']/@netmask`. An element without content has an empty value. */
export type Leaves = ReadonlyMap<string, string>

/** Paths without what is in brackets, whose values tell of the moment or of the hypervisor, not of what was wanted. */
export type Passing = readonly string[]

/** What tells elements of the same name apart, the first that they have; others are numbered. */
const identities: Readonly<Record<string, readonly string[]>> = {
  ip: ['@address'],
  host: ['@mac', '@ip', '@name'],
  range: ['@start'],
  route: ['@address'],
  portgroup: ['@name'],
  txt: ['@name'],
  srv: ['@service'],
  disk: ['target/@dev'],
  interface: ['mac/@address', '@dev'],
  channel: ['target/@name'],
  filesystem: ['target/@dir'],
  graphics: ['@type'],
  feature: ['@name'],
}

export function leavesOf(document: XmlElement, passing: Passing = []): Leaves {
  const found = new Map<string, string>()
  collect(document, `/${document.name}`, `/${document.name}`, { found, passing: new Set(passing) })
  return found
}

interface Collection {
  readonly found: Map<string, string>
  readonly passing: ReadonlySet<string>
}

/** `plain` is the path without brackets. */
function collect(element: XmlElement, path: string, plain: string, into: Collection): void {
  const children = elementsOf(element).filter(({ name }) => !into.passing.has(`${plain}/${name}`))
  const bytes = bytesOf(element)
  const attributes = Object.entries(element.attributes).filter(
    ([name]) => !into.passing.has(`${plain}/@${name}`) && !(bytes !== undefined && name === 'unit'),
  )
  for (const [name, value] of attributes) into.found.set(`${path}/@${name}`, value)
  const text = bytes ?? (children.length === 0 ? (textAt(element) ?? '') : '')
  if (text !== '' || (attributes.length === 0 && children.length === 0)) into.found.set(path, text)
  const known = new Map<string, number>()
  for (const child of children) {
    const step = `${child.name}${identityOf(child)}`
    const number = (known.get(step) ?? 0) + 1
    known.set(step, number)
    collect(child, `${path}/${step}${number === 1 ? '' : `[${number}]`}`, `${plain}/${child.name}`, into)
  }
}

function identityOf(element: XmlElement): string {
  for (const identity of identities[element.name] ?? []) {
    const value = valueAt(element, identity)
    if (value !== undefined) return `[${identity}='${value}']`
  }
  return ''
}

function valueAt(element: XmlElement, identity: string): string | undefined {
  const [, below, attribute = ''] = /^(?:(.*)\/)?@(.*)$/.exec(identity) ?? []
  if (below === undefined) return element.attributes[attribute]
  return allAt(element, below).length === 1 ? attributeAt(element, below, attribute) : undefined
}

const kib = 1024n
const units: Readonly<Record<string, bigint>> = {
  b: 1n,
  bytes: 1n,
  k: kib,
  KiB: kib,
  KB: 1000n,
  M: kib ** 2n,
  MiB: kib ** 2n,
  MB: 1000n ** 2n,
  G: kib ** 3n,
  GiB: kib ** 3n,
  GB: 1000n ** 3n,
  T: kib ** 4n,
  TiB: kib ** 4n,
  TB: 1000n ** 4n,
}

/** The same size is the same, whatever it was counted in. undefined: it is no size. */
function bytesOf(element: XmlElement): string | undefined {
  const unit = units[element.attributes['unit'] ?? '']
  const text = textAt(element) ?? ''
  return unit === undefined || !/^\d+$/.test(text) ? undefined : `${BigInt(text) * unit} bytes`
}

// Title, description and elements of others in a domain's document.
import {
  element,
  elementsOf,
  firstAt,
  textAt,
  withAttributes,
  withChild,
  withChildren,
  withoutChild,
  type XmlElement,
} from '../../../../src/plugins/libvirt/xml/element.ts'
import { parseXml } from '../../../../src/plugins/libvirt/xml/parse.ts'
import { writeXml } from '../../../../src/plugins/libvirt/xml/write.ts'
import type { Domain } from './domain.ts'
import { invalidArgument, noMetadata, operationInvalid, VirError } from './vir-error.ts'

const affect = { live: 1, config: 2 } as const
const names = ['description', 'title'] as const
const elementType = 2

export interface MetadataChange {
  readonly type: number
  /** null takes it away. */
  readonly metadata: string | null
  readonly key: string | null
  readonly uri: string | null
}

/** @throws VirError 80 */
export function getMetadata(domain: Domain, type: number, uri: string | null, flags: number): string {
  const document = (flags & affect.config) !== 0 ? domain.config : domain.document
  if (type !== elementType) {
    const text = textAt(document, names[type] ?? '')
    if (text === undefined) throw noMetadata()
    return text
  }
  const found = elementsOf(firstAt(document, 'metadata') ?? element('metadata')).find((one) => uriOf(one) === uri)
  if (!found) throw noMetadata()
  return writeXml(unprefixed(found))
}

export function setMetadata(domain: Domain, change: MetadataChange, flags: number): void {
  const isLive = flags === 0 ? domain.isActive : (flags & affect.live) !== 0
  const isConfig = flags === 0 ? !domain.isActive : (flags & affect.config) !== 0
  if (isLive && !domain.live) throw operationInvalid('domain is not running')
  const edited = (document: XmlElement): XmlElement => changed(document, change)
  if (isConfig) domain.config = edited(domain.config)
  if (isLive && domain.live) domain.live = edited(domain.live)
}

function changed(document: XmlElement, { type, metadata, key, uri }: MetadataChange): XmlElement {
  const name = names[type]
  if (name) {
    return metadata === null ? withoutChild(document, name) : withChild(document, element(name, {}, metadata))
  }
  const held = firstAt(document, 'metadata') ?? element('metadata')
  const others = elementsOf(held).filter((one) => uriOf(one) !== uri)
  if (metadata === null) return withChild(document, withChildren(held, others))
  if (!key || !uri) throw invalidArgument('(key || uri) must not be NULL')
  return withChild(document, withChildren(held, [...others, prefixed(wellFormed(metadata), key, uri)]))
}

function wellFormed(text: string): XmlElement {
  try {
    return parseXml(text)
  } catch {
    throw new VirError(35, '(metadata_xml): not well-formed', 5)
  }
}

const uriOf = (one: XmlElement): string | undefined => one.attributes[`xmlns:${one.name.split(':')[0]}`]

function prefixed(one: XmlElement, key: string, uri: string): XmlElement {
  const named = withPrefix(one, (name) => `${key}:${name}`)
  return { ...named, attributes: { [`xmlns:${key}`]: uri, ...named.attributes } }
}

function unprefixed(one: XmlElement): XmlElement {
  const prefix = one.name.split(':')[0] ?? ''
  return withAttributes(
    withPrefix(one, (name) => (name.startsWith(`${prefix}:`) ? name.slice(prefix.length + 1) : name)),
    { [`xmlns:${prefix}`]: null },
  )
}

function withPrefix(one: XmlElement, rename: (name: string) => string): XmlElement {
  return {
    ...one,
    name: rename(one.name),
    children: one.children.map((child) => (typeof child === 'string' ? child : withPrefix(child, rename))),
  }
}

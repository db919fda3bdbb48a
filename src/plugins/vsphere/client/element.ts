// Answers of a vCenter as elements. Prefixes are resolved: one server writes `xsi:type`, another `XMLSchema-instance:type`.
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { Ref } from './value.ts'

export interface Element {
  /** Without its prefix. */
  readonly name: string
  /** What `xsi:type` says, without its prefix: `VirtualDisk`. */
  readonly xsiType: string | undefined
  /** The plain attribute `type`: of references. */
  readonly type: string | undefined
  readonly text: string
  readonly children: readonly Element[]
}

/** A node as the library gives it: one key is the name, `:@` holds the attributes. */
type RawNode = Readonly<Record<string, unknown>>

const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance'

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  // Entities are ours: the five of XML and characters by number, nothing that a document could define.
  processEntities: false,
  trimValues: false,
  cdataPropName: '#cdata',
  ignorePiTags: true,
  ignoreDeclaration: true,
})

/** undefined: it is no XML that a vCenter would send. */
export function parseAnswer(text: string): Element | undefined {
  if (/<!DOCTYPE/i.test(text) || XMLValidator.validate(text) !== true) return undefined
  try {
    const roots = (parser.parse(text) as readonly RawNode[]).filter((node) => !('#text' in node))
    const [root] = roots
    return root === undefined || roots.length > 1 ? undefined : elementFrom(root, {})
  } catch {
    // The library's own words may quote the document.
    return undefined
  }
}

type Prefixes = Readonly<Record<string, string>>

/** Most elements have no attributes, and there are many. */
const none = {}

function elementFrom(raw: RawNode, outer: Prefixes): Element {
  const name = Object.keys(raw).find((key) => key !== ':@') ?? ''
  const attributes = Object.entries((raw[':@'] ?? none) as Readonly<Record<string, string>>)
  const declared = attributes.filter(([key]) => key.startsWith('xmlns:'))
  const prefixes =
    declared.length === 0
      ? outer
      : { ...outer, ...Object.fromEntries(declared.map(([key, value]) => [localOf(key), decoded(value)])) }
  const xsi = attributes.find(([key]) => {
    const [prefix, local] = key.split(':')
    return local === 'type' && prefixes[prefix ?? ''] === schemaInstance
  })
  const nodes = raw[name] as readonly RawNode[]
  const type = attributes.find(([key]) => key === 'type')?.[1]
  return {
    name: localOf(name),
    xsiType: xsi === undefined ? undefined : localOf(decoded(xsi[1])),
    type: type === undefined ? undefined : decoded(type),
    text: nodes.map(textOf).join(''),
    children: nodes
      .filter((node) => !('#text' in node) && !('#cdata' in node))
      .map((node) => elementFrom(node, prefixes)),
  }
}

const localOf = (name: string): string => name.slice(name.indexOf(':') + 1)

function textOf(raw: RawNode): string {
  if ('#text' in raw) return decoded(String(raw['#text']))
  if ('#cdata' in raw) return (raw['#cdata'] as readonly RawNode[]).map((part) => String(part['#text'] ?? '')).join('')
  return ''
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function decoded(text: string): string {
  return text.replace(/&([^;]*);/g, (_, entity: string) => {
    const character = Object.hasOwn(named, entity) ? named[entity] : characterOf(entity)
    if (character === undefined) throw new Error('an entity that XML does not have')
    return character
  })
}

function characterOf(entity: string): string | undefined {
  const match = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(entity)
  if (!match) return undefined
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16)
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

/** The first of this name, one step for each: `at(task, 'error', 'fault')`. */
export function at(element: Element | undefined, ...names: readonly string[]): Element | undefined {
  return names.reduce<Element | undefined>(
    (place, name) => place?.children.find((child) => child.name === name),
    element,
  )
}

export function allOf(element: Element | undefined, name: string): readonly Element[] {
  return element?.children.filter((child) => child.name === name) ?? []
}

/** undefined when there is none. */
export function textAt(element: Element | undefined, ...names: readonly string[]): string | undefined {
  return at(element, ...names)?.text
}

export function numberAt(element: Element | undefined, ...names: readonly string[]): number | undefined {
  const text = textAt(element, ...names)
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}

export function booleanAt(element: Element | undefined, ...names: readonly string[]): boolean | undefined {
  const text = textAt(element, ...names)?.trim()
  return text === undefined ? undefined : text === 'true' || text === '1'
}

/** Of an element that names a managed object. */
export function refIn(element: Element | undefined): Ref | undefined {
  return element?.type === undefined ? undefined : { type: element.type, id: element.text.trim() }
}

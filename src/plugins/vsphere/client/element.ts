// Answers of a vCenter as elements. Prefixes are resolved: one server writes `xsi:type`, another `XMLSchema-instance:type`.
import { parseXml, XmlDocumentType, XmlElement, XmlText } from '@rgrove/parse-xml'
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

const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance'

/** undefined: it is no XML that a vCenter would send. */
export function parseAnswer(text: string): Element | undefined {
  try {
    const { children, root } = parseXml(text, { preserveDocumentType: true })
    const isPlain = !children.some((node) => node instanceof XmlDocumentType)
    return root === null || !isPlain ? undefined : elementFrom(root, {})
  } catch {
    // The library's own words may quote the document.
    return undefined
  }
}

type Prefixes = Readonly<Record<string, string>>

function elementFrom(read: XmlElement, outer: Prefixes): Element {
  const { name, attributes, children } = read
  const prefixes = withDeclared(attributes, outer)
  const xsi = Object.keys(attributes).find((key) => {
    const [prefix, local] = key.split(':')
    return local === 'type' && prefixes[prefix ?? ''] === schemaInstance
  })
  return {
    name: localOf(name),
    xsiType: xsi === undefined ? undefined : localOf(attributes[xsi] ?? ''),
    type: attributes['type'],
    text: children.map((node) => (node instanceof XmlText ? node.text : '')).join(''),
    children: children.flatMap((node) => (node instanceof XmlElement ? [elementFrom(node, prefixes)] : [])),
  }
}

function withDeclared(attributes: Readonly<Record<string, string>>, outer: Prefixes): Prefixes {
  const declared = Object.entries(attributes).filter(([key]) => key.startsWith('xmlns:'))
  if (declared.length === 0) return outer
  return { ...outer, ...Object.fromEntries(declared.map(([key, value]) => [localOf(key), value])) }
}

const localOf = (name: string): string => name.slice(name.indexOf(':') + 1)

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

// XML as a small tree that never changes: making elements, finding them, and making edited copies.

export interface XmlElement {
  /** With its prefix, as it stands: `qemu:commandline`. */
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  /** Texts are kept as they are; white space between elements is not. */
  readonly children: readonly XmlNode[]
}

export type XmlNode = XmlElement | string

/** Absent values leave nothing behind: no attribute, no child. */
type Absent = undefined | null
type Given = XmlNode | number | Absent

/**
 * Makes an element.
 *
 * @example
 * element('memory', { unit: 'KiB' }, 524288)
 */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | Absent>> = {},
  ...children: readonly Given[]
): XmlElement {
  const present = Object.entries(attributes).flatMap(([key, value]) => (isAbsent(value) ? [] : [[key, String(value)]]))
  return {
    name,
    attributes: Object.fromEntries(present) as Record<string, string>,
    children: children.flatMap((child) => (isAbsent(child) ? [] : [typeof child === 'number' ? String(child) : child])),
  }
}

/** Child elements, all of them or those with this name. */
export function elementsOf(parent: XmlElement, name?: string): readonly XmlElement[] {
  return parent.children.filter(
    (child): child is XmlElement => typeof child !== 'string' && (name === undefined || child.name === name),
  )
}

/** All elements that the path leads to: `allAt(domain, 'devices/disk')`. */
export function allAt(from: XmlElement, path: string): readonly XmlElement[] {
  return path
    .split('/')
    .reduce<readonly XmlElement[]>((found, name) => found.flatMap((one) => elementsOf(one, name)), [from])
}

/** The first element that the path leads to. */
export function firstAt(from: XmlElement, path: string): XmlElement | undefined {
  return allAt(from, path)[0]
}

/** The text of the first element at the path, or of the element itself; without white space around it. */
export function textAt(from: XmlElement, path = ''): string | undefined {
  const found = path === '' ? from : firstAt(from, path)
  if (found === undefined) return undefined
  return found.children
    .filter((child) => typeof child === 'string')
    .join('')
    .trim()
}

/** An attribute of the first element at the path. */
export function attributeAt(from: XmlElement, path: string, attribute: string): string | undefined {
  return firstAt(from, path)?.attributes[attribute]
}

/** The same element with other children. */
export function withChildren(from: XmlElement, children: readonly XmlNode[]): XmlElement {
  return { ...from, children }
}

/** The same element with some attributes set, or taken away by null. */
export function withAttributes(from: XmlElement, changes: Readonly<Record<string, string | null>>): XmlElement {
  const attributes = Object.entries({ ...from.attributes, ...changes }).filter(([, value]) => value !== null)
  return { ...from, attributes: Object.fromEntries(attributes) as Record<string, string> }
}

/**
 * A copy in which every element at the path is what `edit` makes of it; null takes it away. The rest is shared.
 *
 * @example
 * editAt(domain, 'devices/disk', (disk) => (isOurs(disk) ? null : disk))
 */
export function editAt(from: XmlElement, path: string, edit: (found: XmlElement) => XmlElement | null): XmlElement {
  const [name = '', ...rest] = path.split('/')
  const children = from.children.flatMap((child): XmlNode[] => {
    if (typeof child === 'string' || child.name !== name) return [child]
    const edited = rest.length === 0 ? edit(child) : editAt(child, rest.join('/'), edit)
    return edited === null ? [] : [edited]
  })
  return withChildren(from, children)
}

/** A copy with one child of this name: the first such child is replaced, others go; without one it is appended. */
export function withChild(from: XmlElement, child: XmlElement): XmlElement {
  const at = from.children.findIndex((one) => typeof one !== 'string' && one.name === child.name)
  const others = from.children.filter((one) => typeof one === 'string' || one.name !== child.name)
  return withChildren(from, at < 0 ? [...others, child] : [...others.slice(0, at), child, ...others.slice(at)])
}

/** A copy without the children of this name. */
export function withoutChild(from: XmlElement, name: string): XmlElement {
  return withChildren(
    from,
    from.children.filter((child) => typeof child === 'string' || child.name !== name),
  )
}

const isAbsent = (value: unknown): value is Absent => value === undefined || value === null

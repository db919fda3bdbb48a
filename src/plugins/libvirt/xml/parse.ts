// Reads XML into elements. What is not well-formed, or declares a type or entities of its own, is refused and never half read.
import {
  parseXml as readDocument,
  XmlDocumentType,
  XmlElement as ReadElement,
  XmlError,
  XmlText,
} from '@rgrove/parse-xml'
import { badXml } from '../errors.ts'
import type { XmlElement, XmlNode } from './element.ts'

/** Longer than any document of libvirt; its own limit for a string on the wire. */
const longest = 4 * 1024 * 1024
/** Each layer of a disk lies within the one above it, and QEMU takes chains of two hundred. */
const deepest = 1000
const tooDeep = `its elements lie deeper in each other than ${deepest}`

/** Who keeps values by the names of elements must not meet these. */
const reserved: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** `what` names the document in a fault: `the domain 'vm'`. @throws Fault `libvirt.bad_xml`, which shows none of the text. */
export function parseXml(text: string, what = 'a document'): XmlElement {
  if (text.length > longest) throw badXml(what, `it is longer than ${longest} characters`)
  const { children, root } = read(text, what)
  if (children.some((node) => node instanceof XmlDocumentType)) throw badXml(what, 'a document type is not allowed')
  if (root === null) throw badXml(what, 'it has no element')
  return elementFrom(root, what, 1)
}

function read(text: string, what: string) {
  try {
    return readDocument(text, { preserveDocumentType: true })
  } catch (thrown) {
    // The library's own words may quote the document, and that may hold a password.
    if (thrown instanceof XmlError) throw badXml(what, `it is not well-formed at line ${thrown.line}`)
    throw badXml(what, tooDeep)
  }
}

function elementFrom({ name, attributes, children }: ReadElement, what: string, depth: number): XmlElement {
  if (depth > deepest) throw badXml(what, tooDeep)
  if ([name, ...Object.keys(attributes)].some((one) => reserved.has(one)))
    throw badXml(what, 'it uses a name that is reserved')
  const nodes = children.flatMap((node): XmlNode[] => {
    if (node instanceof ReadElement) return [elementFrom(node, what, depth + 1)]
    return node instanceof XmlText ? [node.text] : []
  })
  const hasElements = nodes.some((node) => typeof node !== 'string')
  return {
    name,
    attributes: { ...attributes },
    children: hasElements ? nodes.filter((node) => typeof node !== 'string' || node.trim() !== '') : nodes,
  }
}

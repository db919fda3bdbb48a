// Reads XML into elements. What is not well-formed, or declares entities of its own, is refused and never half read.
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { badXml } from '../errors.ts'
import type { XmlElement, XmlNode } from './element.ts'

/** Longer than any document of libvirt; its own limit for a string on the wire. */
const longest = 4 * 1024 * 1024

/** A node as the library gives it: one key is the name, `:@` holds the attributes. */
type RawNode = Readonly<Record<string, unknown>>

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
  // Each layer of a disk lies within the one above it, and QEMU takes chains of two hundred.
  maxNestedTags: 1000,
})

/** `what` names the document in a fault: `the domain 'vm'`. @throws Fault `libvirt.bad_xml`, which shows none of the text. */
export function parseXml(text: string, what = 'a document'): XmlElement {
  if (text.length > longest) throw badXml(what, `it is longer than ${longest} characters`)
  if (/<!DOCTYPE/i.test(text)) throw badXml(what, 'a document type is not allowed')
  const verdict = XMLValidator.validate(text)
  if (verdict !== true) throw badXml(what, `it is not well-formed at line ${verdict.err.line}`)
  // The library does not see what follows an element without content.
  if (!text.trimEnd().endsWith('>')) throw badXml(what, 'there is text after its end')
  const roots = read(text, what).filter((node) => !('#text' in node) && !('#cdata' in node))
  const [root] = roots
  if (root === undefined || roots.length > 1) throw badXml(what, `it has ${roots.length} top elements instead of one`)
  return elementFrom(root, what)
}

function read(text: string, what: string): readonly RawNode[] {
  try {
    return parser.parse(text) as readonly RawNode[]
  } catch {
    // The library's words may quote the document, and that may hold a password.
    throw badXml(what, 'it is not well-formed, too deep, or uses a name that is reserved')
  }
}

function elementFrom(raw: RawNode, what: string): XmlElement {
  const name = Object.keys(raw).find((key) => key !== ':@') ?? ''
  const attributes = Object.entries((raw[':@'] ?? {}) as Readonly<Record<string, string>>)
  const nodes = (raw[name] as readonly RawNode[]).map((node) => nodeFrom(node, what))
  const hasElements = nodes.some((node) => typeof node !== 'string')
  return {
    name,
    attributes: Object.fromEntries(attributes.map(([key, value]) => [key, decoded(value, what)])),
    children: hasElements ? nodes.filter((node) => typeof node !== 'string' || node.trim() !== '') : nodes,
  }
}

function nodeFrom(raw: RawNode, what: string): XmlNode {
  if ('#text' in raw) return decoded(String(raw['#text']), what)
  if ('#cdata' in raw) return (raw['#cdata'] as readonly RawNode[]).map((part) => String(part['#text'] ?? '')).join('')
  return elementFrom(raw, what)
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function decoded(text: string, what: string): string {
  return text.replace(/&([^;]*);/g, (_, entity: string) => {
    const character = Object.hasOwn(named, entity) ? named[entity] : characterOf(entity)
    if (character === undefined) throw badXml(what, 'it uses an entity that XML does not have')
    return character
  })
}

function characterOf(entity: string): string | undefined {
  const match = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(entity)
  if (!match) return undefined
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16)
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

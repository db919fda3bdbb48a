// Writes elements as XML. Whatever a text holds stays text: names and paths cannot become elements or attributes.
import { badXml } from '../errors.ts'
import type { XmlElement } from './element.ts'

/** @throws Fault `libvirt.bad_xml` for what XML cannot express: control characters, half of a pair, names that are none. */
export function writeXml(root: XmlElement): string {
  return `${written(root, '')}\n`
}

function written({ name, attributes, children }: XmlElement, indent: string): string {
  const start = `${indent}<${nameOf(name)}${Object.entries(attributes).map(attributeText).join('')}`
  if (children.length === 0) return `${start}/>`
  // Where there is text, white space would become part of it.
  if (children.some((child) => typeof child === 'string')) {
    const inner = children.map((child) => (typeof child === 'string' ? xmlText(child) : written(child, '')))
    return `${start}>${inner.join('')}</${name}>`
  }
  const inner = children.map((child) => written(child as XmlElement, `${indent}  `))
  return `${start}>\n${inner.join('\n')}\n${indent}</${name}>`
}

function attributeText([key, value]: readonly [string, string]): string {
  return ` ${nameOf(key)}='${xmlText(value)}'`
}

function nameOf(name: string): string {
  if (/^[A-Za-z_][\w.-]*(:[A-Za-z_][\w.-]*)?$/.test(name)) return name
  throw badXml('a document', `'${name}' cannot be the name of an element or an attribute`)
}

const escapes: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  "'": '&apos;',
  '"': '&quot;',
  // Readers turn these into spaces, or into one another, when they stand there as they are.
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
}

/** A text as it may stand between tags, or in an attribute in either kind of quotes. @throws Fault `libvirt.bad_xml` */
export function xmlText(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text) || !text.isWellFormed())
    throw badXml('a document', 'a text holds a character that XML cannot express')
  return text.replace(/[<>&'"\n\r\t]/g, (character) => escapes[character] ?? character)
}

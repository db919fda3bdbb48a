// Values of vim25 as we send them. The order of fields is that of the WSDL: a vCenter refuses any other.

/** A managed object reference: which object of a vCenter is meant. */
export interface Ref {
  readonly type: string
  readonly id: string
}

export type Field = readonly [name: string, value: VimValue]

/** A data object. `type` where the WSDL leaves a choice: `VirtualMachineImportSpec`. */
export interface Struct {
  readonly type?: string
  readonly fields: readonly Field[]
}

/** A plain value where anything may stand: `xsd:string`. */
export interface Plain {
  readonly xsd: string
  readonly text: string
}

/** undefined is left out, a list repeats its element. */
export type VimValue = string | number | boolean | undefined | Ref | Struct | Plain | readonly VimValue[]

export const struct = (fields: readonly Field[], type?: string): Struct =>
  type === undefined ? { fields } : { type, fields }

export const anyText = (text: string): Plain => ({ xsd: 'string', text })

/** The whole request: envelope, method, target, arguments. */
export function requestText(method: string, target: Ref, args: readonly Field[]): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soapenv:Body>' +
    `<${method} xmlns="urn:vim25">${[['_this', target] as Field, ...args].map(elementText).join('')}</${method}>` +
    '</soapenv:Body></soapenv:Envelope>'
  )
}

function elementText([name, value]: Field): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return (value as readonly VimValue[]).map((one) => elementText([name, one])).join('')
  if (typeof value !== 'object') return `<${name}>${escaped(String(value))}</${name}>`
  const one = value as Ref | Struct | Plain
  if ('xsd' in one) return `<${name} xsi:type="xsd:${one.xsd}">${escaped(one.text)}</${name}>`
  if ('id' in one) return `<${name} type="${escaped(one.type)}">${escaped(one.id)}</${name}>`
  const type = one.type === undefined ? '' : ` xsi:type="${escaped(one.type)}"`
  return `<${name}${type}>${one.fields.map(elementText).join('')}</${name}>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
}

/** Characters that XML does not have at all become a mark that people see. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"'\r]/g, (character) => entities[character] ?? character)
}

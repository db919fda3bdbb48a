// Fills a template of a document: `{{ name }}`, `{% for disk in disks %}` and `{% if vcpu is defined %}`, as templates of
// the original have them. Values are written as text: none of them can end an element or an attribute and begin another.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { badProperty } from '../errors.ts'
import { xmlText } from './write.ts'

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly path: string }
  | { readonly kind: 'for'; readonly name: string; readonly path: string; readonly body: readonly Piece[] }
  | { readonly kind: 'if'; readonly test: Test; readonly body: readonly Piece[]; readonly otherwise: readonly Piece[] }

interface Test {
  readonly path: string
  readonly isNegated: boolean
  readonly isAboutPresence: boolean
}

const path = String.raw`[\w.[\]]+`
const forStatement = new RegExp(String.raw`^for\s+(\w+)\s+in\s+(${path})$`)
const ifStatement = new RegExp(String.raw`^if\s+(not\s+)?(${path})(\s+is\s+(not\s+)?defined)?$`)

/** `property` names the template in a fault. @throws Fault `libvirt.bad_property` */
export function filled(template: string, property: string, values: JsonObject): string {
  const tokens = template.replaceAll(/\{#[\s\S]*?#\}/g, '').split(/(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})/)
  const reader = new TemplateReader(tokens, property)
  return textOf(reader.pieces(), values, property)
}

class TemplateReader {
  readonly #tokens: readonly string[]
  readonly #property: string
  #at = 0

  constructor(tokens: readonly string[], property: string) {
    this.#tokens = tokens
    this.#property = property
  }

  /** Up to one of these statements, which is left to the caller; none: up to the end. */
  pieces(ends: readonly string[] = []): readonly Piece[] {
    const found: Piece[] = []
    for (; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#tokens[this.#at] ?? ''
      if (ends.includes(statementIn(token))) return found
      found.push(this.#piece(token))
    }
    if (ends.length > 0) throw this.#bad(`'{% ${ends.at(-1)} %}' is missing`)
    return found
  }

  #piece(token: string): Piece {
    if (token.startsWith('{{')) return { kind: 'value', path: token.slice(2, -2).trim() }
    if (!token.startsWith('{%')) return { kind: 'text', text: token }
    const statement = statementIn(token)
    const [, name = '', list = ''] = forStatement.exec(statement) ?? []
    if (name !== '') return { kind: 'for', name, path: list, body: this.#block('endfor') }
    const [whole, not, subject = '', presence, isNot] = ifStatement.exec(statement) ?? []
    if (whole === undefined) throw this.#bad(`'{% ${statement} %}' is none of the statements that are understood`)
    const test = {
      path: subject,
      isNegated: (not !== undefined) !== (isNot !== undefined),
      isAboutPresence: presence !== undefined,
    }
    this.#at++
    const body = this.pieces(['else', 'endif'])
    const hasElse = statementIn(this.#tokens[this.#at] ?? '') === 'else'
    return { kind: 'if', test, body, otherwise: hasElse ? this.#block('endif') : [] }
  }

  /** What follows the token at hand, up to that statement. */
  #block(end: string): readonly Piece[] {
    this.#at++
    return this.pieces([end])
  }

  #bad(reason: string): Error {
    return badProperty(this.#property, reason)
  }
}

/** `{%- if x -%}` -> `if x`; empty for anything else. */
function statementIn(token: string): string {
  return token.startsWith('{%') ? token.slice(2, -2).replace(/^-|-$/g, '').trim() : ''
}

function textOf(pieces: readonly Piece[], values: JsonObject, property: string): string {
  return pieces.map((piece) => textOfPiece(piece, values, property)).join('')
}

function textOfPiece(piece: Piece, values: JsonObject, property: string): string {
  if (piece.kind === 'text') return piece.text
  if (piece.kind === 'if') return textOf(holds(piece.test, values) ? piece.body : piece.otherwise, values, property)
  const value = valueAt(values, piece.path)
  if (piece.kind === 'for') {
    const list = value === undefined || value === null ? [] : value
    if (!Array.isArray(list)) throw badProperty(property, `'${piece.path}' is no list`)
    return (list as readonly Json[])
      .map((item) => textOf(piece.body, { ...values, [piece.name]: item }, property))
      .join('')
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return xmlText(String(value))
  throw badProperty(property, `params has no value '${piece.path}' to fill in`)
}

/** Empty texts and lists, 0 and false do not hold, as in Python. */
function holds({ path: subject, isNegated, isAboutPresence }: Test, values: JsonObject): boolean {
  const value = valueAt(values, subject)
  const isThere = value !== undefined && value !== null
  const isTrue = isAboutPresence
    ? isThere
    : isThere && value !== '' && value !== 0 && value !== false && !isEmpty(value)
  return isTrue !== isNegated
}

const isEmpty = (value: Json): boolean =>
  Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0

/** `disks[0].file` and `disks.0.file` mean the same. */
function valueAt(values: JsonObject, subject: string): Json | undefined {
  const names = subject.replaceAll(/\[(\w+)\]/g, '.$1').split('.')
  return names.reduce<Json | undefined>((found, name) => {
    if (Array.isArray(found)) return (found as readonly Json[])[Number(name)]
    return isJsonObject(found) && Object.hasOwn(found, name) ? found[name] : undefined
  }, values)
}

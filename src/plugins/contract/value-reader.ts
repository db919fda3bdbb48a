// Reads single values out of properties, parameters and inputs, and refuses what does not fit by its whole path.
import { seconds, type Duration } from '../../kernel/duration.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

/** The fault for a value that does not fit; `property` is its whole path: `params.disks[0].file`. */
export type Refuse = (property: string, reason: string) => Error

/** Of each reading method: undefined when the value is absent, null or an empty text. @throws what `refuse` makes of it */
export class ValueReader {
  readonly values: JsonObject
  readonly #refuse: Refuse
  readonly #path: string

  /** `path` leads to these values: `params.disks[0]`. */
  constructor(values: JsonObject, refuse: Refuse, path = '') {
    this.values = values
    this.#refuse = refuse
    this.#path = path
  }

  value(name: string): Json | undefined {
    const value = Object.hasOwn(this.values, name) ? this.values[name] : undefined
    return value === null || value === '' ? undefined : value
  }

  has(name: string): boolean {
    return this.value(name) !== undefined
  }

  /** Numbers are texts, too: blueprints seldom quote them. */
  text(name: string): string | undefined {
    const value = this.value(name)
    if (value === undefined) return undefined
    if (typeof value === 'number') return String(value)
    if (typeof value !== 'string' || value.includes('\0')) throw this.bad(name, 'expected a text')
    return value
  }

  /** The text, when it is one of these. */
  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const found = words.find((word) => word === text)
    if (found === undefined) throw this.bad(name, `expected one of ${words.join(', ')}`)
    return found
  }

  /** An absolute path on the hypervisor. */
  path(name: string): string | undefined {
    const text = this.text(name)
    if (text !== undefined && !text.startsWith('/')) throw this.bad(name, 'expected an absolute path')
    return text
  }

  integer(name: string, least = 0, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.value(name)
    if (value === undefined) return undefined
    const number = typeof value === 'string' && /^\s*(0x[0-9a-f]+|\d+)\s*$/i.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number
    const bounds = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
    throw this.bad(name, `expected a whole number ${bounds}`)
  }

  boolean(name: string): boolean | undefined {
    const value = this.value(name)
    if (value === undefined || typeof value === 'boolean') return value
    if (value === 'true' || value === 'True') return true
    if (value === 'false' || value === 'False') return false
    throw this.bad(name, 'expected true or false')
  }

  /** Seconds in the blueprint, a Duration here. */
  seconds(name: string, most = 86_400): Duration | undefined {
    const value = this.value(name)
    if (value === undefined) return undefined
    const number = typeof value === 'string' ? Number(value) : value
    if (typeof number === 'number' && number >= 0 && number <= most) return seconds(number)
    throw this.bad(name, `expected a number of seconds, from 0 to ${most}`)
  }

  /** Empty when absent. */
  texts(name: string): readonly string[] {
    const value = this.value(name)
    const list = value === undefined ? [] : Array.isArray(value) ? (value as readonly Json[]) : [value]
    return list.map((item) => {
      if (typeof item === 'string' && item !== '' && !item.includes('\0')) return item
      throw this.bad(name, 'expected a text or a list of texts')
    })
  }

  /** Empty when absent. */
  below(name: string): ValueReader {
    const value = this.value(name) ?? {}
    if (!isJsonObject(value)) throw this.bad(name, 'expected a mapping')
    return new ValueReader(value, this.#refuse, this.pathOf(name))
  }

  /** A reader for each mapping of a list; empty when absent. */
  list(name: string): readonly ValueReader[] {
    const value = this.value(name) ?? []
    if (!Array.isArray(value)) throw this.bad(name, 'expected a list of mappings')
    return (value as readonly Json[]).map((item, index) => {
      if (isJsonObject(item)) return new ValueReader(item, this.#refuse, `${this.pathOf(name)}[${index}]`)
      throw this.bad(`${name}[${index}]`, 'expected a mapping')
    })
  }

  /** @throws also when the value is absent. */
  required<Value>(name: string, read: (name: string) => Value | undefined): Value {
    const value = read.call(this, name)
    if (value === undefined) throw this.bad(name, 'it is missing')
    return value
  }

  bad(name: string, reason: string): Error {
    return this.#refuse(this.pathOf(name), reason)
  }

  pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }
}

// Secret values: they cannot be printed by accident, and a Redactor takes their text out of whatever leaves the process.

const mask = '********'

/** A value that shows itself only when asked by name. Logging, JSON and string conversion give the mask. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return mask
  }
}

/** Collects secret texts of a run and masks each of them, also in its JSON spelling, in texts and in JSON values. */
export class Redactor {
  readonly #values = new Set<string>()
  readonly #texts = new Set<string>()
  #pattern: RegExp | undefined

  /** Texts shorter than four characters would mask half of every message and are not collected. */
  add(value: string): void {
    if (value.length < 4 || this.#values.has(value)) return
    this.#values.add(value)
    for (const line of [value, ...value.split(/\r?\n/)]) {
      if (line.length < 4) continue
      this.#texts.add(line)
      // Once for JSON, once more for JSON inside of JSON.
      this.#texts.add(quoted(line)).add(quoted(quoted(line)))
    }
    const longestFirst = [...this.#texts].sort((left, right) => right.length - left.length)
    // Looking ahead finds a secret also where it begins inside of another one.
    this.#pattern = new RegExp(`(?=(${longestFirst.map(escapePattern).join('|')}))`, 'g')
  }

  text(value: string): string {
    return this.#pattern ? masked(value, this.#pattern) : value
  }

  json<Value>(value: Value): Value {
    return this.#pattern ? (this.#walk(value) as Value) : value
  }

  /** A JSON text, masked inside its strings and keys only, so that it stays JSON. */
  jsonText(text: string): string {
    return this.#pattern ? JSON.stringify(this.#walk(JSON.parse(text))) : text
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map((item) => this.#walk(item))
    if (typeof value !== 'object' || value === null) return value
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.#walk(value.toJSON())
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.#walk(item)]))
  }
}

function masked(value: string, pattern: RegExp): string {
  let text = ''
  let end = 0
  for (const match of value.matchAll(pattern)) {
    if (match.index >= end) text += `${value.slice(end, match.index)}${mask}`
    end = Math.max(end, match.index + (match[1]?.length ?? 0))
  }
  return text + value.slice(end)
}

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1)

// RegExp.escape exists only from Node 24 on.
function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

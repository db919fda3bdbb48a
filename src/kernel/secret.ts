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
  readonly #texts = new Set<string>()
  #pattern: RegExp | undefined

  /** Texts shorter than four characters would mask half of every message and are not collected. */
  add(value: string): void {
    if (value.length < 4) return
    for (const line of [value, ...value.split('\n')]) {
      if (line.length < 4) continue
      this.#texts.add(line)
      this.#texts.add(JSON.stringify(line).slice(1, -1))
    }
    const longestFirst = [...this.#texts].sort((left, right) => right.length - left.length)
    this.#pattern = new RegExp(longestFirst.map(escapePattern).join('|'), 'g')
  }

  text(value: string): string {
    return this.#pattern ? value.replace(this.#pattern, mask) : value
  }

  json<Value>(value: Value): Value {
    return this.#pattern ? (this.#walk(value) as Value) : value
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map((item) => this.#walk(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.#walk(item)]))
  }
}

// RegExp.escape exists only from Node 24 on.
function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

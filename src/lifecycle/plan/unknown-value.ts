// What stands for a result that nobody has before the run: it can be awaited, printed, called, read from and looped over
// without an end to planning, and everything made of it says that it is not known.

const words = 'not known before it runs'
const unknowns = new WeakSet<object>()

/** `what`: `result of step 'x'`. */
export function unknownValue<Value>(what: string): Value {
  const text = `<${what}: ${words}>`
  const value: object = new Proxy(function unknown() {}, {
    get(_target, name) {
      if (name === 'then') return undefined
      if (name === Symbol.iterator) return () => [][Symbol.iterator]()
      if (name === 'toJSON' || name === 'toString' || name === 'valueOf' || name === Symbol.toPrimitive)
        return () => text
      if (typeof name === 'symbol') return undefined
      return unknownValue(`${what}, ${name}`)
    },
    has: () => true,
    ownKeys: () => ['prototype'],
    apply: () => unknownValue(what),
    construct: () => unknownValue<object>(what),
    set: () => true,
    deleteProperty: () => true,
  })
  unknowns.add(value)
  return value as Value
}

/** Also of texts that were made of one, and of lists and mappings that hold one. */
export function isUnknown(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(words)
  if (typeof value === 'function') return unknowns.has(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(isUnknown)
}

/** A copy in which texts stand for what is not known. */
export function asJson<Value>(value: Value): Value {
  return isUnknown(value) ? (JSON.parse(JSON.stringify(value)) as Value) : value
}

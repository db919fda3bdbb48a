// Chance out of a seed: the same seed draws the same numbers, on every machine.

export interface Random {
  /** From 0 to below 1. */
  next(): number
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  pick<Value>(values: readonly Value[]): Value
  text(length: number, alphabet: string): string
  /** A source of its own: what one part draws changes nothing for the others. */
  branch(name: string): Random
}

export function seededRandom(seed: number | string): Random {
  let state = hash(String(seed))
  // mulberry32 by Tommy Ettinger, public domain.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const whole = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick: (values) => {
      if (values.length === 0) throw new RangeError('nothing to pick from')
      return values[whole(0, values.length - 1)] as never
    },
    text: (length, alphabet) => Array.from({ length }, () => alphabet[whole(0, alphabet.length - 1)]).join(''),
    branch: (name) => seededRandom(`${seed}/${name}`),
  }
}

// FNV-1a, 32 bits.
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value
}

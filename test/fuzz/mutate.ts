// Damages texts as people, editors and attackers do. The same seed gives the same texts.

/** Numbers from 0 up to 1, always the same for a seed. */
export type Chance = () => number

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const below = (chance: Chance, limit: number): number => Math.floor(chance() * limit)

export function pick<Item>(chance: Chance, items: readonly Item[]): Item {
  return items[below(chance, items.length)] as Item
}

/** Values that mean something to YAML, to the language, or to JavaScript. */
const tokens = [
  ['{', '}', '[', ']', ':', '- ', ', ', '"', "'", '|', '>', '&a ', '*a', '<<: *a', '!!str ', '!!binary ', '? ', '#'],
  ['~', 'null', 'true', 'yes', 'n', '0', '-1', '1e999', '.nan', '0x1F', '1_000', '08', '5.0', '2026-11-21', '12:30:45'],
  ['{}', '[]', '[[]]', '{a: {a: {a: 1}}}', '""', '---', '...', '\t', '\u0000', '\ufeff', '\u2028', '🎼', '\r', '\\'],
  [
    '{get_input: x}',
    '{get_property: [SELF, a]}',
    '{get_attribute: []}',
    '{concat: [1, {concat: 2}]}',
    '{get_secret: 1}',
  ],
  [
    '{merge: [{}, []]}',
    '{string_split: [a]}',
    '{get_sys: []}',
    '{get_capability: [a, {}]}',
    'get_input',
    'SELF',
    'TARGET',
  ],
  [
    'constructor',
    'toString',
    '__proto__',
    'hasOwnProperty',
    'cloudify.nodes.Root',
    'cloudify.nodes.Compute',
    'node_types',
  ],
  [
    'derived_from',
    'type',
    'default',
    'required',
    'relationships',
    'contained_in',
    'target',
    'imports',
    'plugin:x',
    'a--b',
  ],
  [
    'cloudify_dsl_1_0',
    'cloudify_dsl_1_5',
    'cloudify_dsl_9_9',
    'tosca_definitions_version',
    'x'.repeat(300),
    '9'.repeat(40),
  ],
].flat()

type Mutation = (text: string, chance: Chance, others: readonly string[]) => string

const cut = (text: string, from: number, length: number, put = ''): string =>
  text.slice(0, from) + put + text.slice(from + length)

function onLines(change: (lines: string[], at: number, chance: Chance) => void): Mutation {
  return (text, chance) => {
    const lines = text.split('\n')
    change(lines, below(chance, lines.length), chance)
    return lines.join('\n')
  }
}

const mutations: readonly Mutation[] = [
  (text, chance) => cut(text, below(chance, text.length), 1 + below(chance, 12)),
  (text, chance) => cut(text, below(chance, text.length), 0, pick(chance, tokens)),
  (text, chance) => cut(text, below(chance, text.length), 1, String.fromCharCode(below(chance, 128))),
  (text, chance) => text.slice(0, below(chance, text.length)),
  (text, chance, others) => {
    const other = pick(chance, others)
    return text.slice(0, below(chance, text.length)) + other.slice(below(chance, other.length))
  },
  // A value or a key becomes something else.
  (text, chance) => {
    const words = [...text.matchAll(/[\w.]+/g)]
    const word = words[below(chance, words.length)]
    return word === undefined ? text : cut(text, word.index, word[0].length, pick(chance, tokens))
  },
  // Two words of the text change places.
  (text, chance) => {
    const words = [...text.matchAll(/[\w.]+/g)]
    const [left, right] = [words[below(chance, words.length)], words[below(chance, words.length)]]
    return left === undefined || right === undefined ? text : cut(text, left.index, left[0].length, right[0])
  },
  onLines((lines, at) => lines.splice(at, 1)),
  onLines((lines, at, chance) => lines.splice(at, 0, lines[below(chance, lines.length)] ?? '')),
  onLines((lines, at, chance) => {
    lines[at] = ' '.repeat(below(chance, 9)) + (lines[at] ?? '').trimStart()
  }),
  onLines((lines, at) => {
    lines[at] = `  ${lines[at] ?? ''}`
  }),
  // A block moves elsewhere.
  onLines((lines, at, chance) => {
    const block = lines.splice(at, 1 + below(chance, 6))
    lines.splice(below(chance, lines.length), 0, ...block)
  }),
  // A value is anchored, and used where it lies inside itself or beside.
  onLines((lines, at, chance) => {
    lines[at] = (lines[at] ?? '').replace(/: ?/, ': &a ')
    const other = below(chance, lines.length)
    lines[other] = (lines[other] ?? '').replace(/: .*$/, ': *a')
  }),
]

/** The text after one to four mutations. */
export function mutate(text: string, chance: Chance, others: readonly string[]): string {
  let result = text
  for (let left = 1 + below(chance, 4); left > 0; left -= 1) result = pick(chance, mutations)(result, chance, others)
  return result
}

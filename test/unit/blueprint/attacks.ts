// Texts that try to exhaust the reader. Run with the name of one, it reads that and prints what it took, measured by what
// a plain text takes in the same process: how fast the machine is must not count.
import { load } from 'js-yaml'
import { parseBlueprint, type BlueprintTexts } from '../../../src/blueprint/parse-blueprint.ts'
import { prepareDeployment } from '../../../src/blueprint/prepare-deployment.ts'

interface Attack {
  /** The problem that it must meet. */
  readonly code: string
  make(): BlueprintTexts
}

const version = 'tosca_definitions_version: cloudify_dsl_1_3\n'
const main = (body: string): BlueprintTexts => ({ main: version + body })
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_unused, index) => line(index)).join('')

export const attacks: Readonly<Record<string, Attack>> = {
  'aliases that multiply, in lists': {
    code: 'blueprint.too_large',
    make: () =>
      main(`dsl_definitions:\n  a0: &a0 [x]\n${lines(60, (at) => `  a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`)}`),
  },
  'aliases that multiply, in merge keys': {
    code: 'blueprint.too_large',
    make: () =>
      main(
        `dsl_definitions:\n  a0: &a0 {x: {y: 1}}\n${lines(60, (at) => `  a${at + 1}: &a${at + 1} {p: *a${at}, q: *a${at}, <<: *a${at}}\n`)}`,
      ),
  },
  'one large alias, a million times': {
    code: 'blueprint.too_large',
    make: () =>
      main(`dsl_definitions:\n  big: &big [${'x, '.repeat(10_000)}x]\n  all: [${'*big, '.repeat(100_000)}*big]\n`),
  },
  '100,000 levels of brackets': {
    code: 'blueprint.too_deep',
    make: () => main(`outputs: {o: {value: ${'['.repeat(100_000)}${']'.repeat(100_000)}}}`),
  },
  '100,000 levels of braces': {
    code: 'blueprint.too_deep',
    make: () => main(`outputs: {o: {value: ${'{a: '.repeat(100_000)}1${'}'.repeat(100_000)}}}`),
  },
  '2,000 levels of indentation': {
    code: 'blueprint.too_deep',
    make: () => main(`outputs:\n${lines(2000, (at) => `${' '.repeat(at + 1)}a:\n`)}`),
  },
  '100,000 levels of list dashes': {
    code: 'blueprint.too_deep',
    make: () => main(`outputs: \n  o: \n    value: \n      ${'- '.repeat(100_000)}x\n`),
  },
  'a file of 50 MB': {
    code: 'blueprint.too_large',
    make: () => main(`description: ${'x'.repeat(50 * 1024 * 1024)}\n`),
  },
  'an import of 50 MB': {
    code: 'blueprint.too_large',
    make: () => ({
      ...main('imports: [big.yaml]\n'),
      files: { 'big.yaml': `inputs: {a: {default: ${'x'.repeat(50 * 1024 * 1024)}}}\n` },
    }),
  },
  'imports in a circle, with namespaces': {
    code: 'blueprint.too_large',
    make: () => ({
      ...main('imports: ["a--one.yaml", "b--one.yaml"]\n'),
      files: {
        'one.yaml': 'imports: ["c--two.yaml", "d--two.yaml"]\n',
        'two.yaml': 'imports: ["e--one.yaml", "f--one.yaml"]\n',
      },
    }),
  },
  'imports that double at every level': {
    code: 'blueprint.too_large',
    make: () => ({
      ...main('imports: ["a--f0.yaml", "b--f0.yaml"]\n'),
      files: Object.fromEntries(
        Array.from({ length: 40 }, (_unused, at) => [
          `f${at}.yaml`,
          `imports: ["a--f${at + 1}.yaml", "b--f${at + 1}.yaml"]\ninputs: {i${at}: {}}\n`,
        ]).concat([['f40.yaml', 'inputs: {last: {}}\n']]),
      ),
    }),
  },
  'keys that reach for prototypes': {
    code: 'blueprint.unsafe_key',
    make: () => main('node_templates: {a: {type: t, properties: {"__proto__": {polluted: true}}}}\n'),
  },
  'the same key, by way of a merge': {
    code: 'blueprint.unsafe_key',
    make: () => main('dsl_definitions:\n  a: &a {"__proto__": {polluted: true}}\n  b: {<<: *a}\n'),
  },
  '1,000 wrong names, each near a thousand others': {
    code: 'blueprint.unknown_node_type',
    make: () =>
      main(
        `node_types:\n${lines(1000, (at) => `  example.nodes.Type${at}: {}\n`)}node_templates:\n${lines(1000, (at) => `  n${at}: {type: example.nodes.Typo${at}}\n`)}`,
      ),
  },
  '5,000 circles of dependencies': {
    code: 'blueprint.relationship_cycle',
    make: () =>
      main(
        `node_types: {t: {}}\nrelationships: {cloudify.relationships.depends_on: {properties: {connection_type: {default: all_to_all}}}}\nnode_templates:\n${lines(10_000, (at) => `  n${at}: {type: t, relationships: [{type: cloudify.relationships.depends_on, target: n${at ^ 1}}]}\n`)}`,
      ),
  },
  'one circle of 5,000 nodes': {
    code: 'blueprint.relationship_cycle',
    make: () =>
      main(
        `node_types: {t: {}}\nrelationships: {cloudify.relationships.depends_on: {properties: {connection_type: {default: all_to_all}}}}\nnode_templates:\n${lines(5000, (at) => `  n${at}: {type: t, relationships: [{type: cloudify.relationships.depends_on, target: n${(at + 1) % 5000}}]}\n`)}`,
      ),
  },
  'a million instances': {
    code: 'blueprint.too_many_instances',
    make: () =>
      main(
        'node_types: {t: {}}\nnode_templates: {n: {type: t, capabilities: {scalable: {properties: {default_instances: 1000000}}}}}\n',
      ),
  },
}

function run(attack: Attack): void {
  const texts = attack.make()
  let found: readonly { readonly code: string }[] = []
  const took = processorTime(() => {
    const { plan, problems } = parseBlueprint(texts)
    found =
      problems ?? (plan && prepareDeployment(plan, { newSuffix: () => Math.random().toString(36) }).problems) ?? []
  })
  if (({} as { polluted?: boolean }).polluted) throw new Error('a prototype was changed')
  const megabytes = process.resourceUsage().maxRSS / 1024
  const plain = lines(6000, (at) => `n${at}: {type: plain, size: ${at}, tags: [a, b, c]}\n`)
  // The first ones are slower: code becomes fast by being run.
  const yardstick = Math.min(...[1, 2, 3, 4].map(() => processorTime(() => load(plain))))
  console.log(
    JSON.stringify({ yardsticks: took / yardstick, megabytes, codes: [...new Set(found.map(({ code }) => code))] }),
  )
}

/** Of our own process, in microseconds: a busy machine must not count. */
function processorTime(work: () => void): number {
  const began = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(began)
  return user + system
}

if (process.argv[1] === import.meta.filename) {
  const attack = attacks[process.argv[2] ?? '']
  if (attack === undefined) throw new Error(`there is no attack '${process.argv[2]}'`)
  run(attack)
}

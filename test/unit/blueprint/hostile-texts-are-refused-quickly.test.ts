// Bombs, endless nesting, keys that reach for prototypes: a problem each, and soon.
import { expect } from 'chai'
import { parseBlueprint } from '../../../src/blueprint/parse-blueprint.ts'
import { deploymentOf, planOf, problemsOf, refusalsOf } from './texts.ts'

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_unused, index) => line(index)).join('')

describe('hostile texts are refused quickly', function () {
  this.timeout(20_000)

  const refused: Readonly<Record<string, readonly [string, string]>> = {
    'aliases that multiply': [
      `dsl_definitions:\n  a0: &a0 [x]\n${lines(40, (index) => `  a${index + 1}: &a${index + 1} [*a${index}, *a${index}]\n`)}`,
      'blueprint.too_large',
    ],
    'an alias in itself': ['outputs: {o: &x {value: *x}}', 'blueprint.cyclic_alias'],
    'brackets without end': [`outputs: {o: ${'['.repeat(100_000)}`, 'blueprint.too_deep'],
    'a key that reaches for the prototype': ['inputs: {__proto__: {default: 1}}', 'blueprint.unsafe_key'],
    'the same key, spelled with an escape': ['inputs: {"\\x5f_proto__": {default: 1}}', 'blueprint.unsafe_key'],
    'a chain of types without end': [
      `node_types:\n  t0: {}\n${lines(3000, (index) => `  t${index + 1}: {derived_from: t${index}}\n`)}`,
      'blueprint.too_deep',
    ],
    'tags that want code': ['description: !!python/object:os.system x', 'blueprint.yaml'],
    'names of built-in members as types': ['node_templates: {a: {type: constructor}}', 'blueprint.unknown_node_type'],
    'names of built-in members as inputs': [
      'outputs: {o: {value: {get_input: toString}}}',
      'blueprint.function_unknown_input',
    ],
  }
  for (const [what, [body, code]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(problemsOf(body).map((problem) => problem.code)).to.include(code)
    })
  }

  it('refuses texts that are no dict, no YAML or nothing', () => {
    for (const main of ['- a\n', 'abc\n', '', '~\n', 'a: [\n', 'a: 1\n---\nb: 2\n', '\u0000\n']) {
      expect(parseBlueprint({ main }).problems, JSON.stringify(main)).to.have.lengthOf(1)
    }
  })

  it('has names like constructor without harm', () => {
    const plan = planOf(
      'node_types: {t: {properties: {constructor: {}}}}\nnode_templates: {hasOwnProperty: {type: t, properties: {constructor: 1}}}',
    )
    expect(deploymentOf(plan).instances[0]?.nodeId).to.equal('hasOwnProperty')
  })

  it('ends functions that call each other in a circle', () => {
    const plan = planOf(`
node_types: {t: {properties: {a: {}, b: {}}}}
node_templates: {n: {type: t, properties: {a: {get_property: [SELF, b]}, b: {get_property: [SELF, a]}}}}
`)
    expect(refusalsOf(plan)[0]?.message).to.contain('property n.b -> property n.a -> property n.b')
  })

  it('ends functions that multiply', () => {
    const names = Array.from({ length: 40 }, (_unused, index) => `a${index}`)
    const twice = (name: string): string =>
      `{concat: [{get_property: [SELF, ${name}]}, {get_property: [SELF, ${name}]}]}`
    const values = names.map((name, index) => (index === 0 ? `${name}: x` : `${name}: ${twice(`a${index - 1}`)}`))
    const plan = planOf(`
node_types: {t: {properties: {${names.map((name) => `${name}: {}`).join(', ')}}}}
node_templates: {n: {type: t, properties: {${values.join(', ')}}}}
`)
    expect(refusalsOf(plan)[0]?.code).to.equal('blueprint.function_failed')
  })

  it('ends patterns that go back and forth', () => {
    const body = `inputs: {a: {default: ${'a'.repeat(40)}!, constraints: [{pattern: "(a+)+$"}]}}`
    expect(problemsOf(body)[0]?.code).to.equal('blueprint.constraint_violated')
  })

  it('refuses more instances than anybody has', () => {
    const plan = planOf(`
node_types: {t: {}}
node_templates: {n: {type: t, capabilities: {scalable: {properties: {default_instances: 1000000000}}}}}
`)
    expect(refusalsOf(plan)[0]?.code).to.equal('blueprint.too_many_instances')
  })

  it('takes a chain of 3,000 containers', () => {
    const plan = planOf(`
node_types: {t: {}}
relationships: {cloudify.relationships.contained_in: {}}
node_templates:
  n0: {type: t}
${lines(3000, (index) => `  n${index + 1}: {type: t, relationships: [{type: cloudify.relationships.contained_in, target: n${index}}]}\n`)}`)
    expect(deploymentOf(plan).instances).to.have.lengthOf(3001)
  })

  it('welcomes every script of the world', () => {
    expect(planOf('description: "Grüße 日本語 🎼"\ninputs: {größe: {default: ü}}').description).to.equal(
      'Grüße 日本語 🎼',
    )
  })
})

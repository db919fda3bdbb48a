// Claim: a problem says how the reader gets to it: by which imports, through which types, and where an input is declared.
import { expect } from 'chai'
import { describeProblem } from '../../../src/blueprint/describe.ts'
import { placeProblems } from '../../../src/blueprint/place-problems.ts'
import type { Plan } from '../../../src/blueprint/plan.ts'
import { parseBlueprint } from '../../../src/blueprint/parse-blueprint.ts'
import { blueprint, problemsOf, refusalsOf } from './texts.ts'

describe('problems show the way there', () => {
  it('names the imports that lead to the file, with their lines', () => {
    const files = {
      'first.yaml': 'imports:\n  - second.yaml\n',
      'second.yaml': 'node_types:\n  server:\n    derived_from: nothing\n',
    }
    const [problem] = problemsOf('imports:\n  - first.yaml\n', { files })
    expect(problem).to.deep.include({ file: 'second.yaml', line: 3, importedAt: ['blueprint.yaml:3', 'first.yaml:2'] })
    expect(describeProblem(problem!, files['second.yaml']).split('\n')).to.deep.equal([
      "second.yaml:3:19: type 'server' is derived from 'nothing', which is not defined [blueprint.unknown_parent, 103]",
      '  3 |     derived_from: nothing',
      '    |                   ^',
      '  at   node_types.server.derived_from',
      '  via  blueprint.yaml:3 -> first.yaml:2',
    ])
  })

  it('says nothing of imports when the problem is in the main file', () => {
    const [problem] = problemsOf('imports: [more.yaml]\nnode_templates: {vm: {type: x}}', {
      files: { 'more.yaml': '' },
    })
    expect(problem).to.include({ file: 'blueprint.yaml' }).and.not.have.property('importedAt')
  })

  it('names what a type is derived from when a property is unknown or missing', () => {
    const body = `
node_types:
  base: { properties: { size: { type: integer } } }
  server: { derived_from: base }
  big: { derived_from: server }
node_templates:
  vm: { type: big, properties: { sise: 5 } }
`
    expect(problemsOf(body).map(({ message }) => message)).to.have.members([
      "node 'vm' has no property 'sise' in its type 'big' [big <- server <- base]",
      "node 'vm' needs a value for 'size' (integer) [big <- server <- base]",
    ])
  })

  it('points from the inputs of a deployment to their declaration, in imported files too', () => {
    const files = { 'inputs.yaml': 'inputs:\n  size:\n    type: integer\n' }
    const texts = { main: blueprint('imports: [inputs.yaml]\ninputs:\n  zone: {}\n'), files }
    const plan = parseBlueprint(texts).plan as Plan
    const problems = placeProblems(refusalsOf(plan, { inputs: { size: 'big', other: 1 } }), texts)
    expect(problems.map(({ code, file, line }) => `${file}:${line} ${code}`)).to.have.members([
      'inputs.yaml:2 blueprint.input_type',
      'blueprint.yaml:4 blueprint.missing_input',
      ':1 blueprint.unknown_input',
    ])
  })

  it('points to the function that fails, through interfaces with dots in their names', () => {
    const texts = {
      main: blueprint(`
imports: [cloudify/types/types.yaml]
inputs: { key: {} }
node_templates:
  my.vm:
    type: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.lifecycle:
        start:
          implementation: start.sh
          inputs:
            size: { get_property: [SELF, { get_input: key }] }
`),
      files: { 'start.sh': '' },
    }
    const plan = parseBlueprint(texts).plan as Plan
    const [problem] = placeProblems(refusalsOf(plan, { inputs: { key: 'nothing' } }), texts)
    expect(problem).to.deep.include({ file: 'blueprint.yaml', line: 12, code: 'blueprint.function_failed' })
  })

  it('points to who asks for a secret that is missing', () => {
    const body =
      'outputs:\n  one: { value: { get_secret: there } }\n  two:\n    value: { concat: [a, { get_secret: gone }] }\n'
    const texts = { main: blueprint(body) }
    const problems = placeProblems(refusalsOf(parseBlueprint(texts).plan as Plan, { secrets: ['there'] }), texts)
    expect(problems[0]).to.deep.include({ code: 'blueprint.secrets_missing', line: 5, path: 'secrets.gone' })
  })

  it('leaves problems as they are when the blueprint can no longer be read', () => {
    const texts = { main: blueprint('inputs: { zone: {} }') }
    const problems = refusalsOf(parseBlueprint(texts).plan as Plan)
    expect(placeProblems(problems, { main: '{' })).to.equal(problems)
  })
})

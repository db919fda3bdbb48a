// Every problem of every file, with its place, what was meant, and what to do.
import { expect } from 'chai'
import { describeProblem } from '../../../src/blueprint/describe.ts'
import { blueprint, planOf, problemsOf, refusalsOf } from './texts.ts'

describe('problems name what is wrong and where', () => {
  it('reports all problems of all files, from top to bottom', () => {
    const problems = problemsOf('imports: [more.yaml]\nnode_templates:\n  a: {type: tpye}\n  b: {typo: t}\n', {
      files: { 'more.yaml': 'node_types:\n  type: {properties: 5}\n  other: {derived_from: typ}\n' },
    })
    expect(problems.map(({ file, line, code }) => `${file}:${line} ${code}`)).to.deep.equal([
      'more.yaml:2 blueprint.wrong_shape',
      'more.yaml:3 blueprint.unknown_parent',
      'blueprint.yaml:4 blueprint.unknown_node_type',
      'blueprint.yaml:5 blueprint.missing_key',
      'blueprint.yaml:5 blueprint.unknown_key',
    ])
  })

  it('shows the line with a caret, the path and a suggestion', () => {
    const body = 'node_types: {server: {}}\nnode_templates:\n  vm:\n    type: sever\n'
    const [problem] = problemsOf(body)
    expect(describeProblem(problem!, blueprint(body)).split('\n')).to.deep.equal([
      "blueprint.yaml:5:11: node 'vm' has the unknown type 'sever' [blueprint.unknown_node_type, 7]",
      '  5 |     type: sever',
      '    |           ^',
      '  at   node_templates.vm.type',
      "  hint did you mean 'server'?",
    ])
  })

  it('shows circles as a path', () => {
    const [problem] = problemsOf('node_types: {a: {derived_from: b}, b: {derived_from: c}, c: {derived_from: a}}')
    expect(problem?.message).to.equal('types depend on each other in a circle: a -> b -> c -> a')
    expect(problem?.alias).to.equal(100)
  })

  it('shows nodes that depend on each other in a circle', () => {
    const to = (target: string): string => `{type: t, relationships: [{type: r, target: ${target}}]}`
    const [problem, ...more] = problemsOf(
      `node_types: {t: {}}\nrelationships: {r: {}}\nnode_templates: {a: ${to('b')}, b: ${to('c')}, c: ${to('b')}, d: ${to('a')}}`,
    )
    expect(problem).to.deep.include({ alias: 100, message: 'nodes depend on each other in a circle: b -> c -> b' })
    expect(more).to.deep.equal([])
  })

  it('points into the imported file, behind its namespace', () => {
    const [problem] = problemsOf('imports: [ns--more.yaml]', {
      files: { 'more.yaml': 'node_templates:\n  vm:\n    type: nothing\n' },
    })
    expect(problem).to.deep.include({ file: 'more.yaml', line: 3, column: 11, path: 'node_templates.ns--vm.type' })
  })

  it('follows anchors and merge keys to where a value is written', () => {
    const body =
      'dsl_definitions:\n  base: &base\n    size: big\nnode_types: {t: {properties: {size: {type: integer}}}}\nnode_templates:\n  vm:\n    type: t\n    properties:\n      <<: *base\n'
    expect(problemsOf(body)[0]).to.deep.include({ code: 'blueprint.wrong_type', line: 4, column: 11 })
  })

  it('tells apart what is missing, undeclared and of the wrong type', () => {
    const body = `
node_types: {t: {properties: {size: {type: integer}, name: {}}}}
node_templates:
  vm: {type: t, properties: {size: many, nmae: x}}
`
    expect(problemsOf(body).map(({ alias }) => alias)).to.have.members([105, 106, 107])
  })

  it('takes 5.0 for no integer', () => {
    const types = 'node_types: {t: {properties: {size: {type: integer}}}}\n'
    expect(problemsOf(`${types}node_templates: {vm: {type: t, properties: {size: 5.0}}}`)[0]?.alias).to.equal(105)
    planOf(`${types}node_templates: {vm: {type: t, properties: {size: 5}}}`)
  })

  it('names features that need a newer version', () => {
    const [problem] = problemsOf('inputs: {i: {type: deployment_id}}')
    expect(problem).to.deep.include({ alias: 102, hint: 'write tosca_definitions_version: cloudify_dsl_1_4' })
  })

  it('says what is wrong with the inputs of a deployment', () => {
    const plan = planOf('inputs: {size: {type: integer, constraints: [{in_range: [1, 5]}]}, zone: {}}')
    const codes = refusalsOf(plan, { inputs: { size: 9, sizes: 1 } }).map(({ code }) => code)
    expect(codes).to.have.members([
      'blueprint.constraint_violated',
      'blueprint.missing_input',
      'blueprint.unknown_input',
    ])
    expect(refusalsOf(plan, { inputs: { size: '3', zone: 1 } })[0]?.message).to.contain('constraint')
  })
})

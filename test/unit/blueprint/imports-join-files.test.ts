// Where imports are found and how sections of several files become one.
import { expect } from 'chai'
import { parseBlueprint } from '../../../src/blueprint/parse-blueprint.ts'
import { blueprint, planOf, problemsOf } from './texts.ts'

describe('imports join files', () => {
  it('finds files from the top, beside the importing file, and only below the top', () => {
    const files = { 'lib/a.yaml': 'imports: [b.yaml]\n', 'lib/b.yaml': 'inputs: {b: {}}\n' }
    expect(Object.keys(planOf('imports: [lib/a.yaml]', { files }).inputs)).to.deep.equal(['b'])
    expect(problemsOf('imports: [../../etc/passwd]', { files })[0]?.alias).to.equal(13)
  })

  it('reads plugins by the names of the originals', () => {
    const plugins = { openstack: 'node_types: {cloudify.openstack.nodes.Server: {}}\n' }
    for (const name of [
      'plugin:cloudify-openstack-plugin',
      'plugin:openstack',
      'http://www.getcloudify.org/spec/openstack-plugin/2.14.7/plugin.yaml',
    ]) {
      const plan = planOf(`imports: ['${name}']\nnode_templates: {s: {type: cloudify.openstack.nodes.Server}}`, {
        plugins,
      })
      expect(plan.nodes[0]?.type, name).to.equal('cloudify.openstack.nodes.Server')
    }
    expect(problemsOf('imports: [plugin:opnstack]', { plugins })[0]?.hint).to.equal("did you mean 'openstack'?")
  })

  it('reads each file once, also when files import each other', () => {
    const files = {
      'a.yaml': 'imports: [b.yaml]\ninputs: {a: {}}\n',
      'b.yaml': 'imports: [a.yaml]\noutputs: {b: {value: 1}}\n',
    }
    const plan = planOf('imports: [a.yaml, b.yaml]', { files })
    expect(plan.inputs).to.have.all.keys('a')
  })

  it('refuses to choose between two of the same name, and names the other file', () => {
    const [problem] = problemsOf('imports: [a.yaml]\nnode_types: {t: {}}', {
      files: { 'a.yaml': 'node_types: {t: {}}\n' },
    })
    expect(problem).to.deep.include({ alias: 4, file: 'a.yaml' })
    expect(problem?.message).to.contain('blueprint.yaml')
  })

  it('puts namespaces before names and everything that refers to them', () => {
    const files = {
      'part.yaml': `
inputs: {size: {default: 2}}
plugins: {p: {executor: central_deployment_agent, install: false}}
node_types: {t: {properties: {size: {type: integer}}, interfaces: {i: {op: p.run}}}}
node_templates: {n: {type: t, properties: {size: {get_input: size}}}}
outputs: {o: {value: {get_property: [n, size]}}}
groups: {g: {members: [n]}}
`,
    }
    const plan = planOf('imports: [left--part.yaml, right--part.yaml]', { files })
    expect(plan.nodes.map(({ id, type }) => [id, type])).to.deep.equal([
      ['left--n', 'left--t'],
      ['right--n', 'right--t'],
    ])
    expect(plan.nodes[0]?.operations['i.op']).to.deep.include({ plugin: 'left--p', operation: 'run' })
    expect(plan.nodes[0]?.properties).to.deep.equal({ size: { get_input: 'left--size' } })
    expect(plan.outputs['right--o']?.value).to.deep.equal({ get_property: ['right--n', 'size'] })
    expect(plan.groups['left--g']).to.deep.include({ members: ['left--n'] })
  })

  it('lets several files each have inputs from 1_3 on', () => {
    const files = { 'a.yaml': 'inputs: {a: {}}\n' }
    expect(planOf('imports: [a.yaml]\ninputs: {b: {}}', { files }).inputs).to.have.all.keys('a', 'b')
  })

  it('accepts built-in types for every version of the language', () => {
    for (const minor of [0, 1, 2, 3, 4, 5]) {
      const body = 'imports: [cloudify/types/types.yaml, plugin:cloudify-utilities-plugin]\n'
      const result = parseBlueprint({ main: blueprint(body, `cloudify_dsl_1_${minor}`) })
      expect(result.problems ?? [], `1_${minor}`).to.deep.equal([])
      expect(result.plan?.workflows).to.include.keys('install', 'backup')
    }
  })
})

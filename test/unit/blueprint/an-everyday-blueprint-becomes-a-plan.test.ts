// What most blueprints consist of: built-in types, plugins, scripts, inputs, outputs.
import { expect } from 'chai'
import { deploymentOf, planOf } from './texts.ts'

const body = `
imports:
  - http://www.getcloudify.org/spec/cloudify/4.3/types.yaml
  - plugin:cloudify-utilities-plugin
inputs:
  size: {type: integer, default: 3}
node_templates:
  host:
    type: cloudify.nodes.Compute
    properties: {ip: 10.0.0.1}
  app:
    type: cloudify.nodes.WebServer
    relationships:
      - {type: cloudify.relationships.contained_in, target: host}
    interfaces:
      cloudify.interfaces.lifecycle:
        start: scripts/start.sh
        stop:
          implementation: |
            #!/bin/sh
            echo stop
          inputs: {n: {get_input: size}, ip: {get_property: [host, ip]}}
          max_retries: 2
outputs:
  address: {value: {concat: ['http://', {get_property: [host, ip]}, ':', {get_property: [app, port]}]}}
`

describe('an everyday blueprint becomes a plan', () => {
  const plan = planOf(body, { files: { 'scripts/start.sh': '' } })
  const app = plan.nodes.find(({ id }) => id === 'app')

  it('gives nodes the hierarchy, properties and operations of their types', () => {
    expect(app?.typeHierarchy).to.deep.equal([
      'cloudify.nodes.Root',
      'cloudify.nodes.SoftwareComponent',
      'cloudify.nodes.WebServer',
    ])
    expect(app?.properties).to.deep.include({ port: 80, use_external_resource: false })
    expect(app?.operations['cloudify.interfaces.lifecycle.create']?.plugin).to.equal('')
    expect(app?.hostId).to.equal('host')
  })

  it('runs files and texts as scripts', () => {
    const start = app?.operations['cloudify.interfaces.lifecycle.start']
    expect(start).to.deep.include({ plugin: 'script', operation: 'script_runner.tasks.run' })
    expect(start?.inputs).to.deep.equal({ script_path: 'scripts/start.sh' })
    const stop = app?.operations['cloudify.interfaces.lifecycle.stop']
    expect(stop?.inputs['script_source']).to.equal('#!/bin/sh\necho stop\n')
    expect(stop?.maxRetries).to.equal(2)
  })

  it('brings the workflows of the utilities plugin, with typed parameters', () => {
    expect(plan.workflows['backup']).to.deep.include({
      plugin: 'suspend',
      operation: 'cloudify_suspend.workflows.backup',
    })
    expect(plan.workflows['backup']?.parameters['snapshot_incremental']).to.deep.include({
      type: 'boolean',
      default: true,
    })
    expect(Object.keys(plan.workflows)).to.include.members([
      'install',
      'suspend',
      'resume',
      'restore',
      'remove_backup',
      'statistics',
    ])
  })

  it('evaluates in a deployment what can be known by then', () => {
    const deployment = deploymentOf(plan, { inputs: { size: 5 } })
    expect(deployment.outputs['address']?.value).to.equal('http://10.0.0.1:80')
    const stop = deployment.nodes[1]?.operations['cloudify.interfaces.lifecycle.stop']
    expect(stop?.inputs).to.deep.include({ n: 5, ip: '10.0.0.1' })
  })

  it('keeps n and y as text and yes as true, as PyYAML does', () => {
    const { inputs } = planOf('inputs: {n: {default: yes}, y: {default: n}, when: {default: 2030-01-02}}')
    expect(inputs).to.deep.equal({ n: { default: true }, y: { default: 'n' }, when: { default: '2030-01-02' } })
  })

  it('reads bracketed values that go on at any indentation', () => {
    const { outputs } = planOf('outputs:\n  a:\n    value: { concat: [one,\n  two,\n three] }\n')
    expect(outputs['a']?.value).to.deep.equal({ concat: ['one', 'two', 'three'] })
  })

  it('shares what nodes have from their type', () => {
    const { nodes } = planOf(
      'node_types: {t: {interfaces: {i: {op: {}}}}}\nnode_templates: {a: {type: t}, b: {type: t}}',
    )
    expect(nodes[0]?.operations).to.equal(nodes[1]?.operations)
  })
})

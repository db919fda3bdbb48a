// Plans and deployments as plain JSON: wire names, nothing empty, stable names for instances.
import { expect } from 'chai'
import { summarizeDeployment, summarizePlan } from '../../../src/blueprint/summarize.ts'
import { deploymentOf, planOf } from './texts.ts'

const body = `
plugins: {p: {executor: central_deployment_agent, install: false}}
node_types:
  cloudify.nodes.Compute: {interfaces: {life: {create: p.make, stop: ''}, other: {create: p.check}}}
relationships: {cloudify.relationships.connected_to: {}}
node_templates:
  a: {type: cloudify.nodes.Compute}
  b:
    type: cloudify.nodes.Compute
    instances: {deploy: 2}
    relationships: [{type: cloudify.relationships.connected_to, target: a}]
`

describe('a summary says what a plan holds', () => {
  it('gives operations, their unambiguous short names, and plugins', () => {
    const summary = summarizePlan(planOf(body)) as { nodes: Record<string, unknown>[] }
    expect(summary).to.have.all.keys('version', 'nodes', 'relationship_types', 'deployment_plugins_to_install')
    expect(summary.nodes[0]).to.deep.equal({
      name: 'a',
      type: 'cloudify.nodes.Compute',
      type_hierarchy: ['cloudify.nodes.Compute'],
      operations: {
        'life.create': { plugin: 'p', operation: 'make', executor: 'central_deployment_agent' },
        'life.stop': { plugin: '', operation: '' },
        'other.create': { plugin: 'p', operation: 'check', executor: 'central_deployment_agent' },
      },
      short_names: ['stop'],
      scalable: { min: 0, max: -1, default: 1, current: 1, planned: 1 },
      host_id: 'a',
      plugins: ['p'],
      deployment_plugins_to_install: ['p'],
    })
  })

  it('counts instances and the edges between them', () => {
    const summary = summarizeDeployment(deploymentOf(planOf(body)))
    expect(summary['instance_counts']).to.deep.equal({ a: 1, b: 2 })
    expect(summary['instance_edges']).to.deep.equal([
      {
        source: 'b',
        type: 'cloudify.relationships.connected_to',
        target: 'a',
        edges: 2,
        distinct_sources: 2,
        distinct_targets: 1,
      },
    ])
    expect(summary['node_instances']).to.deep.include({
      id: 'b#1',
      host: 'b#1',
      relationships: [['cloudify.relationships.connected_to', 'a#0']],
    })
  })
})

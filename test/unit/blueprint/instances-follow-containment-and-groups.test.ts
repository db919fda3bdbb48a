// How many instances there are and which of them are connected.
import { expect } from 'chai'
import type { Deployment } from '../../../src/blueprint/plan.ts'
import { deploymentOf, planOf } from './texts.ts'

const types = `
node_types: {cloudify.nodes.Compute: {}, t: {}}
relationships:
  cloudify.relationships.depends_on: {properties: {connection_type: {default: all_to_all}}}
  cloudify.relationships.connected_to: {derived_from: cloudify.relationships.depends_on}
  cloudify.relationships.contained_in: {derived_from: cloudify.relationships.depends_on}
`
const contained = '{type: cloudify.relationships.contained_in, target: host}'

function counts(deployment: Deployment): Record<string, number> {
  const result: Record<string, number> = {}
  for (const { nodeId } of deployment.instances) result[nodeId] = (result[nodeId] ?? 0) + 1
  return result
}

describe('instances follow containment and groups', () => {
  it('repeats what is contained once per container', () => {
    const deployment = deploymentOf(
      planOf(`${types}
node_templates:
  host: {type: cloudify.nodes.Compute, instances: {deploy: 2}}
  app: {type: t, capabilities: {scalable: {properties: {default_instances: 3}}}, relationships: [${contained}]}
`),
    )
    expect(counts(deployment)).to.deep.equal({ host: 2, app: 6 })
    const apps = deployment.instances.filter(({ nodeId }) => nodeId === 'app')
    for (const app of apps) expect(app.relationships[0]?.targetId).to.equal(app.hostId)
    expect(new Set(apps.map(({ hostId }) => hostId)).size).to.equal(2)
    expect(apps.map(({ index }) => index)).to.deep.equal([1, 2, 3, 4, 5, 6])
  })

  it('connects all to all, or all to one', () => {
    const edges = (connection: string): number => {
      const deployment = deploymentOf(
        planOf(`${types}
node_templates:
  db: {type: t, instances: {deploy: 2}}
  web:
    type: t
    instances: {deploy: 3}
    relationships: [{type: cloudify.relationships.connected_to, target: db, properties: {connection_type: ${connection}}}]
`),
      )
      return deployment.instances.flatMap(({ relationships }) => relationships).length
    }
    expect(edges('all_to_all')).to.equal(6)
    expect(edges('all_to_one')).to.equal(3)
  })

  it('keeps connections of members within one instance of their group', () => {
    const deployment = deploymentOf(
      planOf(`${types}
inputs: {size: {default: 3}}
node_templates:
  db: {type: t}
  web: {type: t, relationships: [{type: cloudify.relationships.connected_to, target: db}]}
groups: {tier: {members: [db, web]}}
policies:
  scale: {type: cloudify.policies.scaling, targets: [tier], properties: {default_instances: {get_input: size}}}
`),
    )
    expect(counts(deployment)).to.deep.equal({ db: 3, web: 3 })
    for (const web of deployment.instances.filter(({ nodeId }) => nodeId === 'web')) {
      const [relationship] = web.relationships
      const db = deployment.instances.find(({ id }) => id === relationship?.targetId)
      expect(web.relationships).to.have.lengthOf(1)
      expect(db?.scalingGroups).to.deep.equal(web.scalingGroups)
    }
  })
})

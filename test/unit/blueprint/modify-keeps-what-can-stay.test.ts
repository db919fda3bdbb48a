// A changed deployment keeps its instances wherever it can, and says exactly what is added, removed and touched.
import { expect } from 'chai'
import type { ChangedInstance } from '../../../src/blueprint/instances/changes.ts'
import { modifyDeployment, type ModifyOptions, type ModifyResult } from '../../../src/blueprint/modify-deployment.ts'
import type { Deployment } from '../../../src/blueprint/plan.ts'
import { prepareDeployment } from '../../../src/blueprint/prepare-deployment.ts'
import { deploymentOf, planOf } from './texts.ts'

const types = `
node_types: {cloudify.nodes.Compute: {}, t: {}}
relationships:
  cloudify.relationships.depends_on: {properties: {connection_type: {default: all_to_all}}}
  cloudify.relationships.connected_to: {derived_from: cloudify.relationships.depends_on}
  cloudify.relationships.contained_in: {derived_from: cloudify.relationships.depends_on}
`
const scalable = (count: number, more = ''): string =>
  `capabilities: {scalable: {properties: {default_instances: ${count}${more}}}}`
const twoTier = `${types}
node_templates:
  host: {type: cloudify.nodes.Compute, ${scalable(2, ', min_instances: 1, max_instances: 4')}}
  app: {type: t, ${scalable(2)}, relationships: [{type: cloudify.relationships.contained_in, target: host}]}
  web: {type: t, relationships: [{type: cloudify.relationships.connected_to, target: host}]}
`

type Changed = Extract<ModifyResult, { readonly deployment: Deployment }>

function counter(start: number): () => string {
  let count = start
  return () => String((count += 1)).padStart(6, '0')
}

function changed(deployment: Deployment, options: Omit<ModifyOptions, 'newSuffix'>): Changed {
  // Counts from 1 as the deployment did: every suffix is taken at first.
  const result = modifyDeployment(deployment, { newSuffix: counter(0), ...options })
  expect(result.problems ?? []).to.deep.equal([])
  return result as Changed
}

const idsOf = (deployment: Deployment, node: string): string[] =>
  deployment.instances.filter(({ nodeId }) => nodeId === node).map(({ id }) => id)

const said = (list: readonly ChangedInstance[]): string[] =>
  list.map(({ nodeId, change }) => `${nodeId} ${change}`).toSorted()

describe('a changed deployment', () => {
  it('grows by new instances with ids and indexes of their own', () => {
    const deployment = deploymentOf(planOf(twoTier))
    const next = changed(deployment, { scale: { host: 3 } })
    expect(said(next.added)).to.deep.equal(['app added', 'app added', 'host added', 'web related'])
    expect(said(next.extended)).to.deep.equal(['web extended'])
    expect(next.reduced.concat(next.removed)).to.deep.equal([])
    expect(idsOf(next.deployment, 'host').slice(0, 2)).to.deep.equal(idsOf(deployment, 'host'))
    const all = next.deployment.instances
    expect(new Set(all.map(({ id }) => id)).size).to.equal(all.length)
    expect(all.filter(({ nodeId }) => nodeId === 'app').map(({ index }) => index)).to.deep.equal([1, 2, 3, 4, 5, 6])
  })

  it('shrinks with everything inside, and tells who loses a connection', () => {
    const deployment = deploymentOf(planOf(twoTier))
    const [first, second] = idsOf(deployment, 'host')
    const next = changed(deployment, { scale: { host: 1 } })
    expect(idsOf(next.deployment, 'host')).to.deep.equal([second])
    expect(said(next.removed)).to.deep.equal(['app removed', 'app removed', 'host removed', 'web related'])
    expect(next.reduced.map(({ relationships }) => relationships.map(({ targetId }) => targetId))).to.deep.equal([
      [first],
    ])
  })

  it('removes what the hints name first, and what they protect last', () => {
    const deployment = deploymentOf(planOf(twoTier))
    const [first, second] = idsOf(deployment, 'host') as [string, string]
    const kept = (hints: { removeFirst?: string[]; removeLast?: string[] }): string[] =>
      idsOf(changed(deployment, { scale: { host: { instances: 1, ...hints } } }).deployment, 'host')
    expect(kept({ removeFirst: [second] })).to.deep.equal([first])
    expect(kept({ removeLast: [first] })).to.deep.equal([first])
    expect(kept({ removeFirst: [second], removeLast: [second] })).to.deep.equal([first])
    expect(kept({ removeLast: [first, second] })).to.have.lengthOf(1)
  })

  it('remembers a number that was chosen before', () => {
    const deployment = deploymentOf(planOf(twoTier))
    const smaller = changed(deployment, { scale: { app: 1 } }).deployment
    const next = changed(smaller, { scale: { host: 3 } })
    expect(idsOf(next.deployment, 'app')).to.have.lengthOf(3)
    expect(next.deployment.scale).to.deep.equal({ app: 1, host: 3 })
  })

  it('scales a group as a whole, and takes a member as a hint for its group', () => {
    const deployment = deploymentOf(
      planOf(`${types}
node_templates:
  db: {type: t}
  web: {type: t, relationships: [{type: cloudify.relationships.connected_to, target: db}]}
groups: {tier: {members: [db, web]}}
policies: {s: {type: cloudify.policies.scaling, targets: [tier], properties: {default_instances: 3}}}
`),
    )
    const [first, second, third] = idsOf(deployment, 'db') as [string, string, string]
    const next = changed(deployment, { scale: { tier: { instances: 2, removeFirst: [second] } } })
    expect(said(next.removed)).to.deep.equal(['db removed', 'web removed'])
    expect(idsOf(next.deployment, 'db')).to.deep.equal([first, third])
    const more = changed(next.deployment, { scale: { tier: 3 } })
    expect(said(more.added)).to.deep.equal(['db added', 'web added'])
    expect(more.extended).to.deep.equal([])
  })

  it('stays connected to the one it was connected to', () => {
    const deployment = deploymentOf(
      planOf(`${types}
node_templates:
  db: {type: t, ${scalable(2)}}
  web:
    type: t
    relationships: [{type: cloudify.relationships.connected_to, target: db, properties: {connection_type: all_to_one}}]
`),
    )
    const target = deployment.instances.find(({ nodeId }) => nodeId === 'web')?.relationships[0]?.targetId
    const next = changed(deployment, { scale: { db: { instances: 5, removeLast: [] }, web: 3 } })
    const webs = next.deployment.instances.filter(({ nodeId }) => nodeId === 'web')
    expect(webs.flatMap(({ relationships }) => relationships.map(({ targetId }) => targetId))).to.deep.equal([
      target,
      target,
      target,
    ])
    expect(next.extended).to.deep.equal([])
  })

  it('takes up a new plan: nodes come, go, and gain relationships', () => {
    const deployment = deploymentOf(planOf(twoTier))
    const plan = planOf(`${types}
node_templates:
  host: {type: cloudify.nodes.Compute, ${scalable(1)}}
  cache: {type: t}
  web:
    type: t
    relationships:
      - {type: cloudify.relationships.connected_to, target: host}
      - {type: cloudify.relationships.connected_to, target: cache}
`)
    const next = changed(deployment, { plan })
    expect(said(next.added)).to.deep.equal(['cache added', 'web related'])
    expect(said(next.extended)).to.deep.equal(['web extended'])
    expect(said(next.removed)).to.deep.equal([...Array<string>(4).fill('app removed'), 'host related', 'host related'])
    expect(idsOf(next.deployment, 'host'), 'a smaller default removes nothing').to.deep.equal(idsOf(deployment, 'host'))
    expect(next.deployment.plan).to.equal(plan)
  })

  it('evaluates a new plan with the inputs there were, and new ones over them', () => {
    const text = (more: string): string => `${types}
inputs: {size: {default: 1}, zone: {default: north}}
node_templates: {host: {type: cloudify.nodes.Compute, ${scalable(1)}}}
outputs: {where: {value: {get_input: zone}}, size: {value: {get_input: size}}${more}}`
    const deployment = deploymentOf(planOf(text('')), { inputs: { size: 7 } })
    const next = changed(deployment, { plan: planOf(text(', more: {value: 1}')), inputs: { zone: 'south' } })
    expect(next.deployment.outputs).to.deep.equal({ where: { value: 'south' }, size: { value: 7 }, more: { value: 1 } })
  })

  for (const [scale, code] of [
    [{ hots: 2 }, 'blueprint.nothing_to_scale'],
    [{ host: 5 }, 'blueprint.scale_out_of_range'],
    [{ host: 0 }, 'blueprint.scale_out_of_range'],
    [{ app: -1 }, 'blueprint.scale_out_of_range'],
    [{ app: 1.5 }, 'blueprint.scale_out_of_range'],
    [{ app: 1_000_000 }, 'blueprint.too_many_instances'],
  ] as const) {
    it(`refuses ${JSON.stringify(scale)} with ${code}`, () => {
      const result = modifyDeployment(deploymentOf(planOf(twoTier)), { newSuffix: counter(0), scale })
      expect(result.problems?.map((problem) => problem.code)).to.deep.equal([code])
    })
  }
})

describe('suffixes of instance ids', () => {
  it('are drawn when the caller brings none', () => {
    const { deployment } = prepareDeployment(planOf(twoTier))
    for (const { id, nodeId } of deployment?.instances ?? []) expect(id).to.match(new RegExp(`^${nodeId}_[a-z0-9]{6}$`))
    expect(deployment?.instances.length).to.be.above(0)
  })

  it('that repeat themselves are an error of the caller, not a hang', () => {
    const twice = modifyDeployment(deploymentOf(planOf(twoTier)), { scale: {}, newSuffix: () => 'same' })
    expect(twice.problems).to.equal(undefined)
    expect(() => prepareDeployment(planOf(twoTier), { newSuffix: () => 'same' })).to.throw(RangeError)
  })
})

import { expect } from 'chai'
import { parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'
import { replaceOperations } from '../../src/engine/simulation/replace-operations.ts'
import type { SeedPlan } from '../../src/engine/simulation/seeds.ts'
import { shrink } from '../../src/engine/simulation/shrink.ts'
import { simulate } from '../../src/engine/simulation/simulate.ts'
import { topologyOf, type Topology } from '../../src/engine/simulation/topology.ts'
import { freezeOperation, operation, thawOperation } from '../../src/plugins/contract/operation.ts'

// `leaky` has nothing that deletes its snapshots.
const text = `tosca_definitions_version: cloudify_dsl_1_4
imports: [cloudify/types/types.yaml]
plugins: {mine: {executor: central_deployment_agent, install: false}}
node_types:
  part:
    derived_from: cloudify.nodes.SoftwareComponent
    interfaces: &all
      cloudify.interfaces.freeze: {fs_prepare: mine.hold, fs_finalize: mine.release}
      cloudify.interfaces.snapshot: {create: mine.save, delete: mine.forget}
  leaky:
    derived_from: cloudify.nodes.SoftwareComponent
    interfaces:
      cloudify.interfaces.freeze: {fs_prepare: mine.hold, fs_finalize: mine.release}
      cloudify.interfaces.snapshot: {create: mine.save}
  host: {derived_from: cloudify.nodes.Compute, interfaces: *all}
node_templates:
  vm: {type: host}
  db: {type: leaky, relationships: [{type: cloudify.relationships.contained_in, target: vm}]}
  web: {type: part, relationships: [{type: cloudify.relationships.connected_to, target: db}]}
`

function topology(find: Parameters<typeof replaceOperations>[1] = () => undefined): Topology {
  const { plan } = parseBlueprint({ main: 'blueprint.yaml', files: { 'blueprint.yaml': text } })
  if (!plan) throw new Error('the blueprint has problems')
  return replaceOperations(topologyOf('leaky', plan), find)
}

describe('a run that breaks a promise', () => {
  const plan: SeedPlan = {
    seed: 3,
    topology: topology(),
    workflow: 'backup',
    lease: 5000,
    longestHold: 5000,
    parameters: {},
    faults: [
      { kind: 'slow', at: { phase: 'settle', step: 1 }, factor: 3 },
      { kind: 'cancel', at: { phase: 'settle', step: 4 } },
      { kind: 'throttle', at: { phase: 'freeze', step: 1 }, length: 500 },
    ],
  }

  it('is told with the one fault and the one node that it needs', async () => {
    const { violations } = await simulate(plan)
    expect(violations.map(({ message }) => message).join('\n')).to.match(
      /snapshot snap-\d+ of db_000002 stands in no catalog/,
    )
    const { faults, topology: smallest } = await shrink(plan)
    expect(faults).to.deep.equal([plan.faults[1]])
    expect(smallest.prepared.nodes.map(({ id }) => id)).to.deep.equal(['db'])
  })

  it('stays as it is when it does not fail', async () => {
    const sound = { ...plan, faults: plan.faults.slice(0, 1) }
    expect(await shrink(sound)).to.equal(sound)
  })
})

describe('a blueprint of the user in a simulation', () => {
  const nodeOf = (of: Topology, id: string) => of.prepared.nodes.find((node) => node.id === id)
  const operationsOf = (of: Topology, id: string): string[] =>
    Object.values(nodeOf(of, id)?.operations ?? {})
      .filter(({ plugin }) => plugin !== '')
      .map((planned) => `${planned.plugin}.${planned.operation}`)

  it('has what its interfaces are for where no plugin tells more, with a deadman', () => {
    expect(operationsOf(topology(), 'vm')).to.have.members([
      'sim.freeze',
      'sim.thaw',
      'sim.snapshot_create',
      'sim.snapshot_delete',
    ])
    expect(nodeOf(topology(), 'vm')?.properties).to.include({ deadman: 'guest' })
  })

  it('has the kinds of its plugin where that is there: no deadman, and cuts in one piece', async () => {
    const run = async (): Promise<void> => {}
    const mine = {
      hold: freezeOperation({ deadman: null, freeze: run }),
      release: thawOperation({ thaw: run }),
      save: operation({ run }),
      forget: operation({ run }),
    }
    const real = topology((_plugin, name) => mine[name as keyof typeof mine])
    expect(operationsOf(real, 'vm')).to.include('sim.snapshot_whole')
    expect(nodeOf(real, 'vm')?.properties).to.include({ deadman: 'none' })
    const { status, violations } = await simulate({ seed: 1, topology: real, workflow: 'backup' })
    expect([status, violations]).to.deep.equal(['terminated', []])
  })
})

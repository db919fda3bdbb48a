// start, stop, restart and reinstall go along the dependencies, pass inputs on, and leave each round before the next.
import { expect } from 'chai'
import { Fault } from '../../src/kernel/fault.ts'
import { deploymentOf, planOf } from '../unit/blueprint/texts.ts'
import { type Noted, WorkflowSite } from '../conformance/workflow-site.ts'

const lifecycle = 'cloudify.interfaces.lifecycle'
const plan = planOf(`
plugins: {p: {executor: central_deployment_agent, install: false}}
node_types:
  base: {}
  t:
    derived_from: base
    interfaces: {${lifecycle}: {create: p.op, start: p.op, stop: p.op, delete: p.op}}
  other: {derived_from: t}
relationships: {cloudify.relationships.depends_on: {properties: {connection_type: {default: all_to_all}}}}
node_templates:
  db: {type: t}
  app: {type: t, relationships: [{type: cloudify.relationships.depends_on, target: db}]}
  web: {type: other, relationships: [{type: cloudify.relationships.depends_on, target: app}]}
  lone: {type: base}
`)

const short = ({ name }: Noted): string => name.replace(/_\d+/, '').replace(`${lifecycle}.`, '')
const operations = (noted: readonly Noted[]): string[] => noted.map(short).filter((name) => !name.includes(' ='))

describe('start, stop, restart and reinstall', () => {
  let site: WorkflowSite
  beforeEach(async () => {
    site = await WorkflowSite.open(deploymentOf(plan))
    await site.run('install', {})
  })
  afterEach(() => site[Symbol.asyncDispose]())

  const states = (): string[] => site.topology.instances.map(({ state }) => state)

  for (const workflow of ['start', 'stop'] as const) {
    it(`${workflow} takes dependencies first, and passes inputs on`, async () => {
      const noted = await site.run(workflow, { operation_parms: { force: true } })
      expect(operations(noted)).to.deep.equal([`db ${workflow}`, `app ${workflow}`, `web ${workflow}`])
      for (const { inputs } of noted) expect(inputs).to.deep.equal({ force: true })
      expect(states()).to.deep.equal(['started', 'started', 'started', 'started'])
    })
  }

  it('chooses by node, by type and by instance', async () => {
    const id = site.topology.instances[1]?.id ?? ''
    expect(operations(await site.run('stop', { node_ids: ['db'] }))).to.deep.equal(['db stop'])
    expect(operations(await site.run('stop', { type_names: ['other'] }))).to.deep.equal(['web stop'])
    expect(operations(await site.run('stop', { node_instance_ids: [id] }))).to.deep.equal(['app stop'])
    const refused = await site.run('stop', { node_ids: ['bd'] }).catch((thrown: unknown) => thrown)
    expect(refused).to.be.instanceOf(Fault)
    expect((refused as Fault).code).to.equal('usage.not_found')
  })

  it('runs all at once when it is told not to mind dependencies', async () => {
    const noted = await site.run('start', { run_by_dependency_order: false })
    const firstEnd = Math.min(...noted.map(({ ended }) => ended))
    for (const { began } of noted) expect(began).to.be.lessThan(firstEnd)
  })

  it('restarts: everything has stopped before anything starts', async () => {
    const noted = await site.run('restart', { stop_parms: { a: 1 }, start_parms: { b: 2 } })
    expect(operations(noted)).to.deep.equal(['db stop', 'app stop', 'web stop', 'db start', 'app start', 'web start'])
    expect(noted.map(({ inputs }) => inputs)).to.deep.equal([...Array(3).fill({ a: 1 }), ...Array(3).fill({ b: 2 })])
  })

  it('reinstalls: everything is deleted, dependents first, before anything is created', async () => {
    const noted = await site.run('reinstall', {})
    const down = ['web', 'app', 'db'].flatMap((node) => [`${node} stop`, `${node} delete`])
    const up = ['db', 'app', 'web'].flatMap((node) => [`${node} create`, `${node} start`])
    expect(operations(noted)).to.deep.equal([...down, ...up])
    expect(states()).to.deep.equal(['started', 'started', 'started', 'started'])
  })
})

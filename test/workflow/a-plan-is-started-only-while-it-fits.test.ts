// Claim: a plan is run as it was made, or not at all: what changed since is named, and what is no plan is refused.
import { expect } from 'chai'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionDetails } from '../../src/engine/api.ts'
import { Fault } from '../../src/kernel/fault.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import type { ExecutionPlan } from '../../src/lifecycle/plan/execution-plan.ts'
import { engineSite, head, type EngineSite } from '../support/engine-site.ts'
import { lampBlueprint, lampPlugin } from '../support/lamp-plugin.ts'

const blueprint = `${head}inputs: {size: {default: 1}}
node_templates:
  vm: {type: test.Host}
  db: {type: test.Part, relationships: [{type: cloudify.relationships.contained_in, target: vm}]}
`

const planOf = (site: EngineSite, workflow: string, parameters: JsonObject = {}): Promise<ExecutionPlan> =>
  site.fermata.executions.plan({ workflow, deploymentId: 'shop', parameters })

const startBy = (site: EngineSite, plan: unknown): Promise<ExecutionDetails> =>
  site.fermata.executions.start({ plan: plan as Json })

async function refusalOf(site: EngineSite, plan: unknown): Promise<Fault> {
  site.log.length = 0
  const count = (await site.fermata.executions.list()).length
  const thrown = await startBy(site, plan).catch((problem: unknown) => problem)
  expect(thrown).to.be.instanceOf(Fault)
  expect(site.log).to.deep.equal([])
  expect(await site.fermata.executions.list()).to.have.lengthOf(count)
  return thrown as Fault
}

const changesOf = (problem: Fault): unknown => {
  expect(problem.code).to.equal('plan.stale')
  return problem.details['changes']
}

describe('a plan is started', () => {
  let site: EngineSite

  beforeEach(async () => {
    site = await engineSite({ blueprint })
  })
  afterEach(() => site[Symbol.asyncDispose]())

  it('with its workflow, its deployment, its parameters and its limits; the execution keeps its digest', async () => {
    const question = { workflow: 'backup', deploymentId: 'shop', parameters: { snapshot_name: 'monday' } }
    const plan = await site.fermata.executions.plan({ ...question, taskThreadPoolSize: 3 })
    const { id, workflow, status, parameters } = await startBy(site, JSON.parse(JSON.stringify(plan)))
    expect([workflow, status]).to.deep.equal(['backup', 'terminated'])
    expect(parameters).to.deep.equal(plan.parameters).and.to.include({ snapshot_name: 'monday' })
    const details = await site.fermata.executions.get(id)
    expect(details.planDigest).to.equal(plan.digest)
  })

  it('not when the blueprint and the instances are others', async () => {
    const plan = await planOf(site, 'backup')
    await site.fermata.deployments.delete('shop')
    await site.fermata.blueprints.delete('shop')
    const path = join(site.folder, 'blueprint', 'blueprint.yaml')
    await writeFile(path, `${blueprint}  web: {type: test.Part}\n`)
    await site.fermata.blueprints.upload('shop', { path })
    await site.fermata.deployments.create('shop', 'shop', {})
    const changes = changesOf(await refusalOf(site, plan))
    expect(changes).to.match(/^the blueprint, node instance .*node instance web_\w+ \(new\)/)
    expect(changes).to.contain(`${site.ids['db']} (gone)`)
  })

  it('not when the inputs are others', async () => {
    const plan = await planOf(site, 'backup')
    await site.fermata.deployments.delete('shop')
    await site.fermata.deployments.create('shop', 'shop', { size: 2 })
    expect(changesOf(await refusalOf(site, plan))).to.match(/^the deployment's inputs, /)
  })

  it('not when a state is another that the workflow goes by', async () => {
    const [install, backup] = [await planOf(site, 'install'), await planOf(site, 'backup')]
    await site.start('install')
    const { vm, db } = site.ids
    const states = [vm, db].map((id) => `the state of ${id}`).toSorted()
    expect(
      String(changesOf(await refusalOf(site, install)))
        .split(', ')
        .toSorted(),
    ).to.deep.equal(states)
    // A backup does not ask for states.
    expect((await startBy(site, backup)).status).to.equal('terminated')
  })

  it('not when the recovery point is gone, or another', async () => {
    await site.start('backup', { snapshot_name: 'monday' })
    const plan = await planOf(site, 'restore', { snapshot_name: 'monday' })
    const [id] = Object.keys(plan.basis.recoveryPoints)
    await site.start('remove_backup', { snapshot_name: 'monday' })
    await site.start('backup', { snapshot_name: 'monday' })
    expect(changesOf(await refusalOf(site, plan))).to.equal(`recovery point ${id} (gone)`)
  })

  it('not twice: the name of its backup is taken then', async () => {
    const plan = await planOf(site, 'backup', { snapshot_name: 'monday' })
    await startBy(site, plan)
    expect(changesOf(await refusalOf(site, plan))).to.equal("the name 'monday' (taken)")
  })

  it('not when it says itself that it cannot run', async () => {
    const problem = await refusalOf(site, await planOf(site, 'restore', { snapshot_name: 'monday' }))
    expect(problem.code).to.equal('plan.has_errors')
    expect(problem.message).to.contain("has no backup 'monday'")
  })

  it('not when it is no plan, or was changed by hand', async () => {
    const plan = await planOf(site, 'backup', { snapshot_name: 'monday' })
    const others: readonly (readonly [unknown, RegExp])[] = [
      [null, /no format/],
      [[], /no format/],
      [{ workflow: 'backup' }, /no format/],
      [{ ...plan, format: 'fermata.plan/9' }, /'fermata\.plan\/9'/],
      [{ ...plan, basis: undefined }, /basis/],
      [{ ...plan, parameters: { ...plan.parameters, snapshot_name: 'tuesday' } }, /changed after it was made/],
      [{ ...plan, problems: [], deploymentId: 'other' }, /changed after it was made/],
    ]
    for (const [value, reason] of others) {
      const problem = await refusalOf(site, value)
      expect(problem.code).to.equal('plan.not_a_plan')
      expect(problem.message).to.match(reason)
    }
  })

  it('not when an uploaded plugin is another, of whatever version it says', async () => {
    const upload = async (folder: string, more: string): Promise<void> => {
      const path = join(site.folder, folder)
      const files = lampPlugin('1.0')
      await mkdir(join(path, 'scripts'), { recursive: true })
      for (const [name, text] of Object.entries(files))
        await writeFile(join(path, name), name.endsWith('.ts') ? text : `${text}${more}`)
      await site.fermata.plugins.upload({ path })
      await mkdir(join(site.folder, 'lamps'), { recursive: true })
      await writeFile(join(site.folder, 'lamps', 'blueprint.yaml'), lampBlueprint())
      await site.fermata.blueprints.upload('lamps', { path: join(site.folder, 'lamps') })
      await site.fermata.deployments.create('lamps', 'lamps', {})
    }
    await upload('first', '')
    const plan = await site.fermata.executions.plan({ workflow: 'install', deploymentId: 'lamps' })
    expect(plan.phases[0]?.calls.map(({ implementation }) => implementation)).to.include('lamp.create')
    await site.fermata.deployments.delete('lamps')
    await site.fermata.blueprints.delete('lamps')
    await site.fermata.plugins.delete('lamp-plugin')
    await upload('second', '# changed')
    const changes = changesOf(await refusalOf(site, plan))
    expect(changes)
      .to.match(/, plugin lamp$/)
      .and.to.not.contain('blueprint')
  })
})

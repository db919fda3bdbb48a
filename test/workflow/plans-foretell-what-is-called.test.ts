// Claim: what a plan says is what a run does: the same calls, none else, in the order that the plan gives.
import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import { openFermata } from '../../src/engine/open.ts'
import type { Fermata } from '../../src/engine/api.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { realWorld } from '../../src/world/real-world.ts'
import { engineSite } from '../support/engine-site.ts'
import { temporaryFolder } from '../support/folder.ts'
import { planAndRun } from '../support/planned-and-run.ts'

type Step = readonly [workflow: string, parameters?: JsonObject]

const named = { snapshot_name: 'monday' }

async function goThrough(fermata: Fermata, deploymentId: string, steps: readonly Step[]): Promise<number> {
  let calls = 0
  for (const [workflow, parameters = {}] of steps) {
    const { plan } = await planAndRun(fermata, { workflow, deploymentId, parameters })
    calls += plan.phases.reduce((count, phase) => count + phase.calls.length, 0)
  }
  return calls
}

async function goThroughBlueprint(name: string, steps: readonly Step[]): Promise<number> {
  await using folder = await temporaryFolder()
  await using fermata = await openFermata({ home: folder.path, world: realWorld() })
  const path = fileURLToPath(new URL(`../../blueprints/${name}`, import.meta.url))
  await fermata.blueprints.upload(name, { path })
  await fermata.deployments.create(name, name, {})
  return await goThrough(fermata, name, steps)
}

describe('plans foretell what is called', () => {
  it('in hello-suspend', async () => {
    expect(await goThroughBlueprint('hello-suspend', [['install'], ['suspend'], ['resume'], ['uninstall']])).to.equal(2)
  })

  it('in two-tier', async () => {
    const calls = await goThroughBlueprint('two-tier', [
      ['install'],
      ['statistics'],
      ['backup', named],
      ['restore', named],
      ['suspend'],
      ['suspend'],
      ['resume'],
      ['restart'],
      ['remove_backup', named],
      ['reinstall'],
      ['uninstall'],
    ])
    expect(calls).to.be.above(20)
  })

  it('in custom-plugin, with a workflow of its own', async () => {
    const calls = await goThroughBlueprint('custom-plugin', [
      ['install'],
      ['add_note', { text: 'all is well' }],
      ['backup', named],
      ['restore', named],
      ['statistics'],
      ['remove_backup', named],
      ['uninstall'],
    ])
    expect(calls).to.be.above(8)
  })

  it('with three tiers, relationships, choices and groups of them', async () => {
    await using site = await engineSite()
    const db = site.ids['db'] ?? ''
    const calls = await goThrough(site.fermata, 'shop', [
      ['install'],
      ['backup', named],
      ['backup', { snapshot_name: 'part', include_instances: [db] }],
      ['backup', { snapshot_name: 'left', freeze_policies: { web: 'skip' } }],
      ['restore', named],
      ['execute_operation', { operation: 'cloudify.interfaces.statistics.perfomance', run_by_dependency_order: true }],
      ['stop', { node_ids: ['web'] }],
      ['remove_backup', named],
      ['uninstall'],
    ])
    expect(calls).to.be.above(50)
  })
})

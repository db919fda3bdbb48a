// Claim: every workflow of every blueprint that we ship can be planned and drawn.
import { expect } from 'chai'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { planSvg } from '../../src/cli/plan-picture.ts'
import { openFermata } from '../../src/engine/open.ts'
import type { Fermata } from '../../src/engine/api.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { planFormat } from '../../src/lifecycle/plan/execution-plan.ts'
import { realWorld } from '../../src/world/real-world.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/folder.ts'
import { tourFolder, tourStops } from '../unit/blueprint/tour.ts'

const top = fileURLToPath(new URL('../../blueprints/', import.meta.url))
const whole = readdirSync(top).filter((name) => existsSync(join(top, name, 'blueprint.yaml')))

/** Of those that cannot do without. */
const needed: Readonly<Record<string, Record<string, string>>> = {
  restore: { snapshot_name: 'monday' },
  remove_backup: { snapshot_name: 'monday' },
  verify_backup: { snapshot_name: 'monday' },
  compare_backup: { snapshot_name: 'monday' },
  add_note: { text: 'a note' },
  run_on_hosts: { commands: 'uname' },
  instance_snapshot: { instance: 'records' },
  restore_clone_snapshot: { instance: 'records', date: '20260101', clone_name: 'copy' },
  restore_inplace_snapshot: { instance: 'records', date: '20260101' },
}

/** What a deployment of which nothing runs yet may be told. */
const expected = [
  'catalog.no_such_backup',
  'plan.nothing_to_do',
  'fleet.no_hosts',
  'plan.unknown_operation',
  'plan.unsupported',
  // The stop about plugins names some that nobody has.
  'plan.no_plugin',
  // There need not be a hypervisor here, nor a cloud.
  'libvirt.unreachable',
  'openstack.unreachable',
]

async function planAll(fermata: Fermata, deploymentId: string, operation: string): Promise<number> {
  const { workflows } = await fermata.deployments.get(deploymentId)
  for (const { name: workflow } of workflows) {
    const parameters = workflow === 'execute_operation' ? { operation } : (needed[workflow] ?? {})
    const plan = await fermata.executions.plan({ workflow, deploymentId, parameters })
    expect(plan.format).to.equal(planFormat)
    const errors = plan.problems.filter(({ severity }) => severity === 'error')
    expect(
      errors.filter(({ code }) => !expected.includes(code)),
      workflow,
    ).to.deep.equal([])
    expect(planSvg(plan)).to.match(/^<svg .*<\/svg>\n$/s)
  }
  return workflows.length
}

async function planDeployment(fermata: Fermata, id: string, inputs: JsonObject): Promise<number> {
  const { secrets } = await fermata.blueprints.plan(id)
  for (const name of secrets)
    await fermata.secrets.create(name, '{"user": "operator", "password": "open sesame"}', { replace: true })
  await fermata.deployments.create(id, id, inputs)
  const nodes = await fermata.nodes.list(id)
  return planAll(fermata, id, nodes.flatMap(({ operations }) => operations)[0] ?? 'none')
}

describe('every blueprint can be planned', () => {
  let folder: TemporaryFolder
  let fermata: Fermata

  before(async () => {
    folder = await temporaryFolder()
    fermata = await openFermata({ home: folder.path, world: realWorld() })
  })
  after(async () => {
    await fermata[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  for (const name of whole) {
    it(name, async () => {
      await fermata.blueprints.upload(name, { path: join(top, name) })
      expect(await planDeployment(fermata, name, {})).to.be.above(12)
    })
  }

  for (const { name, inputs } of tourStops()) {
    it(`tour/${name}`, async () => {
      const id = `tour-${name.slice(0, 2)}`
      await fermata.blueprints.upload(id, { path: tourFolder, mainFile: name })
      expect(await planDeployment(fermata, id, inputs)).to.be.above(12)
    })
  }
})

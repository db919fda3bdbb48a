// A blueprint as people wrote them for the original, run by whole workflows: installed, suspended, saved both ways, put back,
// measured, cleared; and of a hundred machines saved at once.
import { expect } from 'chai'
import { closeSharedVCenters } from '../../../src/plugins/vsphere/client/shared-vcenters.ts'
import { refOf } from '../../../src/plugins/vsphere/machine/machine.ts'
import { testFermata, type TestFermata } from '../../../src/testing/index.ts'
import { expectKeptBy } from '../../support/kept-promises.ts'
import { calls, calm, connectionConfig, figure, forgetCalls, goWrong, machines, password, takeTime } from './lab.ts'
import { removeMachine } from './machine-on-lab.ts'

const connection = `connection_config:
        host: ${connectionConfig.host}
        port: ${connectionConfig.port}
        username: ${connectionConfig.username}
        password: { get_secret: vcenter_password }
        certificate_path: ${connectionConfig.certificate_path}
        datacenter_name: DC0
        resource_pool_name: Resources`

const heading = `tosca_definitions_version: cloudify_dsl_1_3
imports:
  - cloudify/types/types.yaml
  - plugin:cloudify-vsphere-plugin
  - plugin:cloudify-utilities-plugin
node_templates:`

const secrets = { vcenter_password: password }

const shop = `${heading}
  host:
    type: cloudify.nodes.vsphere.Host
    properties:
      name: DC0_H0
      ${connection}
  web:
    type: cloudify.nodes.vsphere.Server
    properties:
      server: { name: shop-web, template: DC0_H0_VM0, cpus: 1, memory: 64 }
      allowed_hosts: [DC0_H0]
      ${connection}
    relationships:
      - type: cloudify.relationships.depends_on
        target: host
`

/** A bracket cuts so many at once, unless it is told more. */
const atOnce = 64

const retries = { taskRetries: 3, taskRetryInterval: 100 }

describe('lab: blueprints for vSphere', function () {
  this.timeout(120_000)
  afterEach(async () => {
    await calm()
    for (const { ref } of await shopMachines()) await removeMachine(refOf(ref))
    await closeSharedVCenters()
  })

  const run = async (test: TestFermata, workflow: string, parameters = {}): Promise<void> => {
    const done = await test.run(workflow, parameters, retries)
    expect(done.status, `${workflow}: ${JSON.stringify(done.error)}`).to.equal('terminated')
  }

  const shopMachines = async () => (await machines()).filter(({ name }) => name.startsWith('shop-web'))

  it('run from install to uninstall, and leave nothing', async () => {
    await using test = await testFermata({ blueprint: shop, secrets })
    await run(test, 'install')
    const power = async (): Promise<readonly string[]> => (await shopMachines()).map((one) => one.power)
    expect(await power()).to.eql(['poweredOn'])
    await run(test, 'suspend')
    expect(await power()).to.eql(['suspended'])
    await run(test, 'resume')
    expect(await power()).to.eql(['poweredOn'])
    await run(test, 'backup', { snapshot_name: 'quick' })
    await run(test, 'backup', { snapshot_name: 'whole', snapshot_incremental: false })
    expect((await shopMachines()).map(({ snapshots }) => snapshots).toSorted()).to.eql([0, 1])
    await run(test, 'restore', { snapshot_name: 'quick' })
    await run(test, 'statistics')
    await run(test, 'remove_backup', { snapshot_name: 'quick' })
    await goWrong({ method: 'CloneVM_Task', kind: 'http', status: 503 })
    await run(test, 'restore', { snapshot_name: 'whole', snapshot_incremental: false })
    await run(test, 'remove_backup', { snapshot_name: 'whole', snapshot_incremental: false })
    expect(await power()).to.eql(['poweredOn'])
    await run(test, 'uninstall')
    expect(await shopMachines()).to.eql([])
    const events = JSON.stringify(
      await Promise.all((await test.fermata.executions.list()).map((one) => test.events(one))),
    )
    expect(events).not.to.include(password)
    await expectKeptBy(test.fermata)
  })

  it('save all machines of the lab at once, with one wait for all', async () => {
    const there = (await machines()).filter(({ name }) => name.startsWith('DC0_'))
    const nodes = there.map(
      ({ name }, index) => `
  vm${index}:
    type: cloudify.nodes.vsphere.Server
    properties:
      use_external_resource: true
      server: { name: ${name} }
      ${connection}
`,
    )
    await using test = await testFermata({ blueprint: heading + nodes.join(''), secrets })
    await run(test, 'install')
    const each = 5000
    await takeTime(each)
    await forgetCalls()
    const [began, cpuBefore] = [performance.now(), process.cpuUsage()]
    await run(test, 'backup', { snapshot_name: 'all' })
    const took = performance.now() - began
    const { user, system } = process.cpuUsage(cpuBefore)
    const { most } = await calls()
    await takeTime(0)
    await run(test, 'remove_backup', { snapshot_name: 'all' })
    expect(most['WaitForUpdatesEx']).to.equal(1)
    const rounds = Math.ceil(there.length / atOnce)
    const ratio = (took / (rounds * each)).toFixed(2)
    figure(
      `vsphere: a backup of ${there.length} machines, ${atOnce} at once, snapshots of ${each / 1000} s each, took ${ratio} of the ideal and ${Math.round((user + system) / 1000)} ms of CPU, 1 wait at a time`,
    )
  })
})

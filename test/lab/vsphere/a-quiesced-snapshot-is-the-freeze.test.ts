// Without a freeze of our own the snapshot of a running machine is quiesced by its tools: the plan says so before, and the label
// of the backup after.
import { expect } from 'chai'
import { testFermata } from '../../../src/testing/index.ts'
import { calm, connectionConfig, goWrong, machines, password, runTools } from './lab.ts'
import { newMachine, removeMachine } from './machine-on-lab.ts'

const blueprint = (machine: string) => `tosca_definitions_version: cloudify_dsl_1_3
imports:
  - cloudify/types/types.yaml
  - plugin:cloudify-vsphere-plugin
  - plugin:cloudify-utilities-plugin
node_templates:
  web:
    type: cloudify.nodes.vsphere.Server
    properties:
      use_external_resource: true
      server: { name: ${machine} }
      connection_config:
        host: ${connectionConfig.host}
        port: ${connectionConfig.port}
        username: ${connectionConfig.username}
        password: { get_secret: vcenter_password }
        certificate_path: ${connectionConfig.certificate_path}
`

describe('lab: the freeze of a vSphere machine', function () {
  this.timeout(60_000)
  afterEach(calm)

  it('is its quiesced snapshot, where its tools run', async () => {
    const machine = await newMachine()
    try {
      const name = (await machines()).find(({ ref }) => ref === machine.id)?.name ?? ''
      await using test = await testFermata({ blueprint: blueprint(name), secrets: { vcenter_password: password } })
      const { fermata } = test
      const deploymentId = 'test'
      const run = async (workflow: string, parameters = {}): Promise<void> => {
        const done = await test.run(workflow, parameters)
        expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
      }
      const planned = async () => {
        const plan = await fermata.executions.plan({
          workflow: 'backup',
          deploymentId,
          parameters: { snapshot_name: 'b' },
        })
        const warnings = plan.problems.filter(({ code }) => code === 'plan.unfrozen').map(({ message }) => message)
        return { part: plan.brackets[0]?.parts[0], warnings }
      }
      const saved = async (snapshot_name: string) => {
        await run('backup', { snapshot_name })
        const [part] = (await fermata.backups.get(snapshot_name, { deploymentId })).partList
        return part?.consistency
      }
      await run('install')
      await runTools(name, true)
      const { part, warnings } = await planned()
      expect(part).to.include({ consistency: 'filesystem' })
      expect(part?.reason).to.include('the quiesced snapshot is the freeze')
      expect(warnings).to.eql([])
      expect(await saved('quiesced')).to.equal('filesystem')
      await goWrong({
        method: 'CreateSnapshot_Task',
        match: '<quiesce>true',
        kind: 'task-fault',
        fault: 'ApplicationQuiesceFault',
      })
      expect(await saved('refused')).to.equal('crash')
      await runTools(name, false)
      const without = await planned()
      expect(without.part).to.include({ consistency: 'crash' })
      expect(without.warnings.join()).to.include('its tools do not run')
      expect(await saved('without')).to.equal('crash')
    } finally {
      await removeMachine(machine)
    }
  })
})

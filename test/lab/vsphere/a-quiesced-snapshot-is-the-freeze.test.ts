// Without a freeze of our own the snapshot of a running machine is quiesced by its tools: the plan says so before, and the label
// of the backup after.
import { expect } from 'chai'
import { testFermata } from '../../../src/testing/index.ts'
import { calm, goWrong, runTools } from './lab.ts'
import { machineBlueprint, runWell, secrets } from './machine-in-a-blueprint.ts'
import { nameOf, newMachine, removeMachine } from './machine-on-lab.ts'

describe('lab: the freeze of a vSphere machine', function () {
  this.timeout(60_000)
  afterEach(calm)

  it('is its quiesced snapshot, where its tools run', async () => {
    const machine = await newMachine()
    try {
      const name = await nameOf(machine)
      await using test = await testFermata({ blueprint: machineBlueprint(name), secrets })
      const { fermata } = test
      const deploymentId = 'test'
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
        await runWell(test, 'backup', { snapshot_name })
        const [part] = (await fermata.backups.get(snapshot_name, { deploymentId })).partList
        return part?.consistency
      }
      await runWell(test, 'install')
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

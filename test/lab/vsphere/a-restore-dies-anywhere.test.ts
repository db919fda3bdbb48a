// Claim: a restore of vSphere machines that is killed at a fault point, or right after any call had its effect, is carried on to
// the end it would have had: each machine there once, running, under its name, and nothing left over beside it.
import { expect } from 'chai'
import { closeSharedVCenters } from '../../../src/plugins/vsphere/client/shared-vcenters.ts'
import type { WorkflowCall } from '../../support/workflow-children.ts'
import { calm, figure, keepLeases, leases } from './lab.ts'
import { drawn, savedMachines } from './machines-that-are-saved.ts'

const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_312)
const deaths = process.env['LAB_LONG'] === '1' ? 30 : 3
const machineCount = 2

const kinds = {
  snapshots: { isIncremental: true, properties: {} },
  clones: { isIncremental: false, properties: {} },
  exports: { isIncremental: false, properties: { backup_mode: 'export' } },
} as const

describe('lab: a vSphere restore that dies', function () {
  this.timeout(1_200_000)
  after(async () => {
    await calm()
    await closeSharedVCenters()
  })

  for (const [name, { isIncremental, properties }] of Object.entries(kinds)) {
    it(`is carried on wherever it was: ${name} (FERMATA_SEED=${seed})`, async () => {
      const callOf = (workflow: string): WorkflowCall => ({
        workflow,
        parameters: { snapshot_name: 'it', snapshot_incremental: isIncremental },
      })
      await using site = await savedMachines(machineCount, properties)
      await site.succeed(callOf('backup'))
      const before = await site.inventory()
      const restore = callOf('restore')
      const moments = drawn(await site.passedBy(restore), deaths, seed)
      expect(await site.inventory(), 'undisturbed').to.eql(before)
      await keepLeases(1000)
      let missed = 0
      for (const moment of moments) {
        const what = `${moment.kind} ${moment.name} ${moment.ordinal}`
        if (!(await site.killed(restore, moment))) missed++
        const { status, error } = await site.resume()
        expect(status, `${what}: ${JSON.stringify(error)}`).to.equal('terminated')
        expect(await site.inventory(), what).to.eql(before)
      }
      expect(await leases()).to.eql([])
      figure(
        `vsphere: ${moments.length - missed} deaths in a restore of ${machineCount} machines (${name}), all carried on; ${missed} places not met`,
      )
    })
  }
})

// Claim: a backup of vSphere machines that is killed at a fault point, right after any call had its effect, or while a disk is
// on its way, is carried on to the end it would have had: exactly one snapshot, clone or export for each machine, none stray,
// and all of them in the catalog, for its deletion leaves the vCenter as it was.
import { expect } from 'chai'
import { closeSharedVCenters } from '../../../src/plugins/vsphere/client/shared-vcenters.ts'
import type { WorkflowCall } from '../../support/workflow-children.ts'
import { calm, figure, keepLeases, leases } from './lab.ts'
import { drawn, savedMachines } from './machines-that-are-saved.ts'

const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_311)
const machineCount = 3

const kinds = {
  snapshots: { isIncremental: true, properties: {}, deaths: 10, copy: /^machine vm\d poweredOn with 1 snapshots$/ },
  clones: {
    isIncremental: false,
    properties: {},
    deaths: 10,
    copy: /^machine vm\d-backup poweredOff with 0 snapshots$/,
  },
  exports: {
    isIncremental: false,
    properties: { backup_mode: 'export' },
    deaths: 10,
    copy: /^folder vm\d\S* with disk-0.vmdk disk-0.vmdk.json machine.ovf manifest.json$/,
  },
} as const

describe('lab: a vSphere backup that dies', function () {
  this.timeout(300_000)
  after(async () => {
    await calm()
    await closeSharedVCenters()
  })

  for (const [name, { isIncremental, properties, deaths, copy }] of Object.entries(kinds)) {
    it(`is carried on wherever it was: ${name} (FERMATA_SEED=${seed})`, async () => {
      const callOf = (workflow: string): WorkflowCall => ({
        workflow,
        parameters: { snapshot_name: 'it', snapshot_incremental: isIncremental },
      })
      const [save, remove] = [callOf('backup'), callOf('remove_backup')]
      await using site = await savedMachines(machineCount, properties)
      const before = await site.inventory()
      const places = await site.passedBy(save)
      const saved = await site.inventory()
      const copies = saved.filter((line) => !before.includes(line))
      expect(copies.filter((line) => !copy.test(line))).to.eql([])
      expect(copies).to.have.lengthOf(machineCount)
      await site.succeed(remove)
      expect(await site.inventory(), 'after its deletion').to.eql(before)
      // A lease that a killed process leaves behind stands in the way for as long as the vCenter keeps it.
      await keepLeases(1000)
      const moments = drawn(places, deaths, seed)
      expect(moments).to.have.lengthOf(deaths)
      let missed = 0
      for (const moment of moments) {
        const what = `${moment.kind} ${moment.name} ${moment.ordinal}`
        if (!(await site.killed(save, moment))) missed++
        const { status, error } = await site.resume()
        expect(status, `${what}: ${JSON.stringify(error)}`).to.equal('terminated')
        expect(await site.inventory(), what).to.eql(saved)
        const [backup] = await site.fermata.backups.list()
        expect([backup?.status, backup?.parts], what).to.eql(['good', machineCount])
        await site.succeed(remove)
        expect(await site.inventory(), `${what}, after its deletion`).to.eql(before)
      }
      expect(await leases()).to.eql([])
      figure(
        `vsphere: ${deaths - missed} deaths in a backup of ${machineCount} machines (${name}), ${copies.length} copies each time, none stray; ${missed} places not met`,
      )
    })
  }
})

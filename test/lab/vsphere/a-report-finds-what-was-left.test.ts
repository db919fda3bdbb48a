// The report on a vCenter that holds more than its home knows: copies that no catalog has, and one user who is not let in.
import { expect } from 'chai'
import { markedDescription } from '../../../src/plugins/vsphere/mark.ts'
import type { VsphereReport } from '../../../src/plugins/vsphere/report/report.ts'
import { testFermata } from '../../../src/testing/index.ts'
import { runInProcess } from '../../support/cli-host.ts'
import { password } from './lab.ts'
import { machineBlueprint, runWell, secrets } from './machine-in-a-blueprint.ts'
import { nameOf, newMachine, outside, removeCopies, removeMachine, snapshotsOf } from './machine-on-lab.ts'

describe('lab: the report on a vCenter', function () {
  this.timeout(60_000)

  it('tells what is in no catalog of the home, and nothing of what is', async () => {
    const machine = await newMachine()
    try {
      const name = await nameOf(machine)
      await using test = await testFermata({ blueprint: machineBlueprint(name), secrets })
      await runWell(test, 'install')
      await runWell(test, 'backup', { snapshot_name: 'quick' })
      await runWell(test, 'backup', { snapshot_name: 'whole', snapshot_incremental: false })
      const known = await snapshotsOf(machine)
      await (
        await outside()
      ).run(machine, 'CreateSnapshot_Task', [
        ['name', 'left'],
        ['description', markedDescription('irregular', 'work of another home')],
        ['memory', false],
        ['quiesce', false],
      ])
      const [left] = (await snapshotsOf(machine)).filter((id) => !known.includes(id))
      const report = async (...more: string[]) => {
        const { code, stdout, stderr } = await runInProcess(['vsphere', 'report', ...more], { home: test.home })
        expect([code, stderr]).to.eql([0, ''])
        expect(stdout).not.to.include(password)
        return stdout
      }
      const { findings, vcenters } = JSON.parse(await report('--json')) as VsphereReport
      const own = findings.filter(({ machineName }) => machineName.startsWith(name))
      expect(own.map(({ id, problems }) => [id, ...problems])).to.eql([[left, 'orphan']])
      expect(vcenters.map(({ error }) => error)).to.eql([null])
      expect(await report()).to.match(new RegExp(`${left} +${name} +left +in no catalog`))
      // Another home knows none of it.
      await using other = await testFermata({ blueprint: machineBlueprint(name), secrets })
      const seen = await other.fermata.vsphere.report({ mostDays: 0 })
      const all = seen.findings.filter(({ machineName }) => machineName.startsWith(name))
      expect(all.map(({ kind, problems }) => [kind, ...problems].join(' ')).toSorted()).to.eql([
        'machine orphan',
        'snapshot old orphan',
        'snapshot old orphan',
      ])
    } finally {
      await removeCopies(machine)
      await removeMachine(machine)
    }
  })

  it('tells why a vCenter could not be asked, and ends with 1', async () => {
    const wrong = { vcenter_password: 'n0t-the-passw0rd' }
    await using test = await testFermata({ blueprint: machineBlueprint('web'), secrets: wrong })
    const { code, stdout } = await runInProcess(['vsphere', 'report'], { home: test.home })
    expect(stdout).to.include('could not be asked')
    expect(code).to.equal(1)
    expect(stdout).not.to.include(wrong.vcenter_password)
  })

  it('tells of deployments that no longer lead to their vCenter', async () => {
    await using test = await testFermata({ blueprint: machineBlueprint('web'), secrets })
    await test.fermata.secrets.delete('vcenter_password')
    const { code, stdout } = await runInProcess(['vsphere', 'report', '--json'], { home: test.home })
    const { unread, vcenters } = JSON.parse(stdout) as VsphereReport
    expect([code, vcenters]).to.eql([1, []])
    expect(unread.map(({ deploymentId, error }) => [deploymentId, error.code])).to.eql([['test', 'secret.missing']])
  })
})

// The client at a simulated vCenter: sessions that end, faults of calls and of tasks, answers that are lost, and the one wait
// that tells the end of all tasks.
import { expect } from 'chai'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { Fault } from '../../../src/kernel/fault.ts'
import { textAt } from '../../../src/plugins/vsphere/client/element.ts'
import { closeSharedVCenters, vcenterOf } from '../../../src/plugins/vsphere/client/shared-vcenters.ts'
import type { Found } from '../../../src/plugins/vsphere/client/properties.ts'
import type { Ref } from '../../../src/plugins/vsphere/client/value.ts'
import type { VCenter } from '../../../src/plugins/vsphere/client/vcenter.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { faultOf } from '../../support/fault-of.ts'
import {
  calls,
  calm,
  connectionConfig,
  endSessions,
  figure,
  forgetCalls,
  goWrong,
  takeTime,
  thumbprint,
} from './lab.ts'

const world = realWorld()
const lines: string[] = []
const log = {
  debug: (text: string) => void lines.push(text),
  info: (text: string) => void lines.push(text),
  warning: (text: string) => void lines.push(text),
  error: (text: string) => void lines.push(text),
}

const open = (config: JsonObject = connectionConfig, signal = new AbortController().signal): Promise<VCenter> =>
  vcenterOf({ world, signal, log }, config)

async function machinesOf(vcenter: VCenter): Promise<readonly Found[]> {
  const found: Found[] = []
  for await (const one of vcenter.list({ type: 'VirtualMachine', paths: ['name', 'runtime.powerState'] }))
    found.push(one)
  return found
}

async function firstMachine(vcenter: VCenter): Promise<Ref> {
  const [first] = await machinesOf(vcenter)
  if (first === undefined) throw new Error('the lab has no machine')
  return first.ref
}

const snapshot = (vcenter: VCenter, machine: Ref, quiesce = false) =>
  vcenter.run(machine, 'CreateSnapshot_Task', [
    ['name', `<try> & "it"`],
    ['description', 'd'],
    ['memory', false],
    ['quiesce', quiesce],
  ])

describe('lab: the vSphere client', function () {
  this.timeout(90_000)
  afterEach(async () => {
    await calm()
    await closeSharedVCenters()
  })

  it('lists machines and reads what they are', async () => {
    const vcenter = await open()
    const found = await machinesOf(vcenter)
    expect(found.map(({ values }) => values.get('name')?.text)).to.include('DC0_H0_VM0')
    expect(found.every(({ values }) => values.get('runtime.powerState')?.text === 'poweredOn')).to.equal(true)
    const gone = await vcenter.find({ type: 'VirtualMachine', id: 'vm-99999' }, ['name'])
    expect(gone).to.equal(undefined)
  })

  it('waits for a task and gives its result, with names that are markup', async () => {
    const vcenter = await open()
    await takeTime(300)
    const machine = await firstMachine(vcenter)
    const result = await snapshot(vcenter, machine)
    expect(result?.type).to.equal('VirtualMachineSnapshot')
    const { values } = await vcenter.read(machine, ['snapshot'])
    const tree = JSON.stringify(values.get('snapshot'))
    expect(tree).to.include(JSON.stringify(`<try> & "it"`).slice(1, -1))
    await vcenter.run({ type: 'VirtualMachineSnapshot', id: result?.text ?? '' }, 'RemoveSnapshot_Task', [
      ['removeChildren', false],
    ])
  })

  it('tells the error of a task from a fault of its call', async () => {
    const vcenter = await open()
    const machine = await firstMachine(vcenter)
    const words = { method: 'CreateSnapshot_Task', message: 'no way' }
    await goWrong({ ...words, kind: 'task-fault', fault: 'FilesystemQuiesceFault' })
    const ofTask = await faultOf(snapshot(vcenter, machine, true))
    expect(ofTask.code).to.equal('vsphere.quiesce_failed')
    expect(ofTask.details).to.include({ fault: 'FilesystemQuiesceFault', message: 'no way' })
    expect(ofTask.details['task']).to.match(/^task-/)
    await goWrong({ ...words, kind: 'fault', fault: 'TaskInProgress' })
    const ofCall = await faultOf(snapshot(vcenter, machine))
    expect([ofCall.code, ofCall.effect, ofCall.retry]).to.eql(['vsphere.busy', 'none', 'later'])
    expect(ofCall.details).not.to.have.property('task')
  })

  for (const status of [503, 429]) {
    it(`takes ${status} for nothing done, and hears when to come again`, async () => {
      const vcenter = await open()
      await goWrong({ method: 'CreateSnapshot_Task', kind: 'http', status })
      const problem = await faultOf(snapshot(vcenter, await firstMachine(vcenter)))
      expect([problem.effect, problem.retry, problem.after]).to.eql(['none', 'later', 1000])
    })
  }

  it('does not know what became of a call whose answer was lost', async () => {
    const vcenter = await open()
    await goWrong({ method: 'CreateSnapshot_Task', kind: 'drop' })
    const problem = await faultOf(snapshot(vcenter, await firstMachine(vcenter)))
    expect([problem.code, problem.effect]).to.eql(['vsphere.connection_lost', 'unknown'])
  })

  it('opens a new session in the middle of tasks, and still hears of their end', async () => {
    const vcenter = await open()
    const machine = await firstMachine(vcenter)
    await takeTime(1500)
    const off = vcenter.run(machine, 'PowerOffVM_Task')
    await world.clock.sleep(400)
    await endSessions()
    // The next call meets the end of the session; the wait hears of it.
    await machinesOf(vcenter)
    await off
    await takeTime(0)
    await vcenter.run(machine, 'PowerOnVM_Task')
  })

  it('opens a new session when the old one lacks all privileges of a sudden', async () => {
    const vcenter = await open()
    const machine = await firstMachine(vcenter)
    await endSessions()
    await goWrong({
      method: 'RetrievePropertiesEx',
      kind: 'fault',
      fault: 'NoPermission',
      message: 'Permission to perform this operation was denied.',
    })
    const { values } = await vcenter.read(machine, ['name'])
    expect(textAt(values.get('name'))).to.be.a('string')
  })

  it('cancels a task that nobody waits for any more', async () => {
    const leaving = new AbortController()
    const vcenter = await open(connectionConfig, leaving.signal)
    const machine = await firstMachine(vcenter)
    await takeTime(60_000)
    const before = (await calls()).calls['CancelTask'] ?? 0
    const off = vcenter.run(machine, 'PowerOffVM_Task')
    await world.clock.sleep(300)
    leaving.abort(new Fault('engine.cancelled'))
    expect((await faultOf(off)).code).to.equal('engine.cancelled')
    expect((await calls()).calls['CancelTask']).to.equal(before + 1)
  })

  it('waits once for a snapshot of every machine, and hardly longer than they take', async () => {
    const vcenter = await open()
    const found = await machinesOf(vcenter)
    const each = 5000
    await takeTime(each)
    await forgetCalls()
    const began = world.clock.monotonic()
    const made = await Promise.all(found.map(({ ref }) => snapshot(vcenter, ref)))
    const took = world.clock.monotonic() - began
    const { most, calls: counts } = await calls()
    await takeTime(0)
    await Promise.all(
      made.map((one) =>
        vcenter.run({ type: 'VirtualMachineSnapshot', id: one?.text ?? '' }, 'RemoveSnapshot_Task', [
          ['removeChildren', false],
        ]),
      ),
    )
    expect(most['WaitForUpdatesEx']).to.equal(1)
    const ratio = (took / each).toFixed(2)
    const waits = counts['WaitForUpdatesEx'] ?? 0
    figure(
      `vsphere: ${found.length} snapshots of ${each / 1000} s, all at once, took ${ratio} of that, ${waits} waits, 1 at a time`,
    )
  })

  it('trusts a named thumbprint, and no other', async () => {
    const { certificate_path: _path, ...plain } = connectionConfig
    await open({ ...plain, thumbprint: thumbprint.toLowerCase() })
    const other = `00${thumbprint.slice(2)}`
    expect((await faultOf(open({ ...plain, thumbprint: other }))).code).to.equal('vsphere.bad_certificate')
    expect((await faultOf(open(plain))).code).to.equal('vsphere.bad_certificate')
  })

  it('is refused with a wrong password, and tells it nobody', async () => {
    const password = 'plant3d-passw0rd'
    const problem = await faultOf(open({ ...connectionConfig, password }))
    expect([problem.code, problem.retry]).to.eql(['vsphere.refused', 'never'])
    expect(JSON.stringify([problem, lines])).not.to.include(password)
  })
})

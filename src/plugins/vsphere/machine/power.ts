// A machine on and off, asleep and awake: asked for from whatever it does now, and over when it was read back. May be called
// again whatever became of an answer.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import type { Ref } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { cannot, notReached } from '../errors.ts'
import { untilIdle } from './idle.ts'
import { machineOf, type Machine, type MachinePower } from './machine.ts'

/** Wanted -> what it does now -> what leads there. One that is off is never put to sleep: it has nothing to keep. */
const ways: Readonly<Record<MachinePower, Readonly<Partial<Record<MachinePower, string>>>>> = {
  poweredOn: { poweredOff: 'PowerOnVM_Task', suspended: 'PowerOnVM_Task' },
  poweredOff: { poweredOn: 'PowerOffVM_Task', suspended: 'PowerOffVM_Task' },
  suspended: { poweredOn: 'SuspendVM_Task' },
}

/** @throws Fault `vsphere.cannot`, and what the vCenter says */
export async function bring(
  vcenter: VCenter,
  ref: Ref,
  wanted: MachinePower,
  limit: Duration = seconds(300),
): Promise<Machine> {
  // Each round either acts, or loses to somebody else who acts.
  for (let rounds = 0; ; rounds += 1) {
    const machine = await machineOf(vcenter, ref)
    if (machine.power === wanted) return machine
    const method = ways[wanted][machine.power]
    if (method === undefined || rounds === 5) throw cannot('machine', machine.name, wanted, `it is ${machine.power}`)
    try {
      await vcenter.run(ref, method, [], { limit })
    } catch (thrown) {
      if (!isRace(thrown)) throw thrown
      await untilIdle(vcenter, ref, limit)
    }
  }
}

/** Asks the guest, and turns it off when that does not help in time. No tools: there is nobody to ask. */
export async function shutDown(vcenter: VCenter, ref: Ref, limit: Duration): Promise<boolean> {
  const machine = await machineOf(vcenter, ref)
  if (machine.power !== 'poweredOn') return machine.power === 'poweredOff'
  if (!machine.hasTools) return false
  await vcenter.call(ref, 'ShutdownGuest')
  return untilPower(vcenter, ref, 'poweredOff', limit)
}

/** @throws Fault `vsphere.cannot`, `vsphere.not_reached` */
export async function reboot(vcenter: VCenter, ref: Ref, limit: Duration): Promise<void> {
  const machine = await machineOf(vcenter, ref)
  if (machine.power !== 'poweredOn') return void (await bring(vcenter, ref, 'poweredOn', limit))
  if (machine.hasTools) await vcenter.call(ref, 'RebootGuest')
  else await vcenter.run(ref, 'ResetVM_Task', [], { limit })
}

// What the guest does by itself has no task to wait for.
async function untilPower(vcenter: VCenter, ref: Ref, wanted: MachinePower, limit: Duration): Promise<boolean> {
  const { clock } = vcenter.world
  const end = clock.monotonic() + limit
  for (let pause = 500; ; pause = Math.min(pause * 1.5, 5000)) {
    const { power } = await machineOf(vcenter, ref)
    if (power === wanted) return true
    const left = end - clock.monotonic()
    if (left <= 0) return false
    await clock.sleep(Math.min(pause, left), vcenter.signal)
  }
}

export function lateShutdown(machine: Machine, limit: Duration): Fault {
  return notReached('machine', machine.name, { state: machine.power, wanted: 'poweredOff', limit })
}

// Somebody was faster: what it does now decides, and that is read anew.
const isRace = (thrown: unknown): boolean =>
  thrown instanceof Fault && (thrown.code === 'vsphere.wrong_state' || thrown.code === 'vsphere.busy')

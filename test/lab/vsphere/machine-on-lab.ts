// A machine of the lab for the contract suite and for tests of operations: cloned anew, looked at and changed from outside.
import { connectionConfig, machines } from './lab.ts'
import { at, refIn, textAt, type Element } from '../../../src/plugins/vsphere/client/element.ts'
import { vcenterOf } from '../../../src/plugins/vsphere/client/shared-vcenters.ts'
import { refOf } from '../../../src/plugins/vsphere/machine/machine.ts'
import { struct, type Field, type Ref } from '../../../src/plugins/vsphere/client/value.ts'
import type { VCenter } from '../../../src/plugins/vsphere/client/vcenter.ts'
import { realWorld } from '../../../src/world/real-world.ts'

const silent = { debug: () => {}, info: () => {}, warning: () => {}, error: () => {} }

/** A view beside the plugin's own: with requests that are the test's. */
export const outside = (): Promise<VCenter> =>
  // Another number of requests is another connection: closing the plugin's leaves this one.
  vcenterOf(
    { world: realWorld(), signal: new AbortController().signal, log: silent },
    { ...connectionConfig, max_requests: 4 },
  )

/** Runs a task and looks how it ended: the simulator tells of it only after a quarter of a second. */
async function done(target: Ref, method: string, args: readonly Field[] = []): Promise<string> {
  const vcenter = await outside()
  const task = refIn(at(await vcenter.call(target, method, args), 'returnval'))
  if (task === undefined) throw new Error(`${method} began nothing`)
  for (;;) {
    const { values } = await vcenter.read(task, ['info.state', 'info.result', 'info.error'])
    const state = values.get('info.state')?.text
    if (state === 'success') return values.get('info.result')?.text ?? ''
    if (state === 'error') throw new Error(`${method}: ${textAt(values.get('info.error'), 'localizedMessage')}`)
    await vcenter.world.clock.sleep(20)
  }
}

/** '': it is gone. */
export async function nameOf(ref: Ref): Promise<string> {
  return (await machines()).find((machine) => machine.ref === ref.id)?.name ?? ''
}

let made = 0

/** Runs, and has no snapshot. */
export async function newMachine(): Promise<Ref> {
  const vcenter = await outside()
  const [source] = await machines()
  if (source === undefined) throw new Error('the lab has no machine')
  const ref = refOf(source.ref)
  const { values } = await vcenter.read(ref, ['parent', 'resourcePool'])
  made += 1
  const location = struct([['pool', refIn(values.get('resourcePool'))]])
  const result = await done(ref, 'CloneVM_Task', [
    ['folder', refIn(values.get('parent'))],
    ['name', `contract-${process.pid}-${made}`],
    [
      'spec',
      struct([
        ['location', location],
        ['template', false],
        ['powerOn', false],
      ]),
    ],
  ])
  const machine = refOf(result)
  // The simulator leaves it off, whatever it was told.
  if ((await powerOf(machine)) !== 'poweredOn') await done(machine, 'PowerOnVM_Task')
  return machine
}

export async function removeMachine(ref: Ref): Promise<void> {
  const vcenter = await outside()
  const found = await vcenter.find(ref, ['runtime.powerState'])
  if (found === undefined) return
  if (found.values.get('runtime.powerState')?.text === 'poweredOn') await done(ref, 'PowerOffVM_Task')
  await done(ref, 'Destroy_Task')
}

export async function powerOff(ref: Ref): Promise<void> {
  await (await outside()).run(ref, 'PowerOffVM_Task')
}

let changes = 0

/** What a snapshot would hold: the simulator has no disks, its machines have notes. */
export async function change(ref: Ref): Promise<void> {
  changes += 1
  await done(ref, 'ReconfigVM_Task', [['spec', struct([['annotation', `changed ${changes}`]])]])
}

export async function stateOf(ref: Ref): Promise<string> {
  const { values } = await (await outside()).read(ref, ['config.annotation', 'runtime.powerState'])
  return JSON.stringify([...values].map(([name, { text }]) => [name, text]).toSorted())
}

export async function powerOf(ref: Ref): Promise<string> {
  return (await (await outside()).read(ref, ['runtime.powerState'])).values.get('runtime.powerState')?.text ?? ''
}

export async function snapshotsOf(ref: Ref): Promise<readonly string[]> {
  const { values } = await (await outside()).read(ref, ['snapshot'])
  const ids: string[] = []
  const walk = (tree: Element | undefined, name: string): void => {
    for (const node of tree?.children.filter((child) => child.name === name) ?? []) {
      ids.push(textAt(node, 'snapshot') ?? '')
      walk(node, 'childSnapshotList')
    }
  }
  walk(values.get('snapshot'), 'rootSnapshotList')
  return ids
}

export async function loseSnapshot(id: string): Promise<void> {
  await done({ type: 'VirtualMachineSnapshot', id }, 'RemoveSnapshot_Task', [['removeChildren', false]])
}

/** Clones that hold a whole copy, and snapshots that are none of them yet. */
export async function copiesOf(ref: Ref): Promise<readonly string[]> {
  const name = await nameOf(ref)
  const clones = (await machines()).filter((machine) => machine.name.startsWith(`${name}-`))
  return [
    ...clones.filter(({ name: one }) => one.endsWith('-backup')).map((one) => one.ref),
    ...(await snapshotsOf(ref)),
  ]
}

/** All that was cloned off it. */
export async function removeCopies(ref: Ref): Promise<void> {
  const name = (await nameOf(ref)) || 'none'
  for (const one of await machines()) if (one.name.startsWith(`${name}-`)) await removeMachine({ ...ref, id: one.ref })
}

// A machine as a vCenter shows it: power, tools, snapshots, disks. Read anew whenever it is asked for.
import { allOf, at, booleanAt, numberAt, refIn, textAt, type Element } from '../client/element.ts'
import type { Found } from '../client/properties.ts'
import type { VCenter } from '../client/vcenter.ts'
import type { Ref } from '../client/value.ts'
import { missing } from '../errors.ts'
import type { PowerState } from '../../contract/operation.ts'

export type MachinePower = 'poweredOn' | 'poweredOff' | 'suspended'

export interface Machine {
  readonly ref: Ref
  readonly name: string
  readonly instanceUuid: string
  readonly power: MachinePower
  readonly hasTools: boolean
  readonly needsConsolidation: boolean
  readonly isTemplate: boolean
  readonly snapshots: readonly SnapshotNode[]
  readonly devices: readonly Element[]
}

export interface SnapshotNode {
  readonly ref: Ref
  readonly name: string
  readonly description: string
  readonly createdAt: string
  /** What the machine is in after it was put back. */
  readonly power: MachinePower
  readonly isQuiesced: boolean
  readonly children: readonly SnapshotNode[]
}

const paths = [
  'name',
  'config.instanceUuid',
  'config.template',
  'config.hardware.device',
  'runtime.powerState',
  'runtime.consolidationNeeded',
  'guest.toolsRunningStatus',
  'snapshot',
] as const

export const refOf = (id: string): Ref => ({ type: 'VirtualMachine', id })

/** undefined when it is gone. */
export async function findMachine(vcenter: VCenter, ref: Ref): Promise<Machine | undefined> {
  const found = await vcenter.find(ref, paths)
  return found && machineIn(found)
}

/** @throws Fault `vsphere.missing` */
export async function machineOf(vcenter: VCenter, ref: Ref): Promise<Machine> {
  const machine = await findMachine(vcenter, ref)
  if (machine === undefined) throw missing('machine', ref.id)
  return machine
}

/** Its tree, and nothing else of it; empty when it is gone. */
export async function snapshotsIn(vcenter: VCenter, ref: Ref): Promise<readonly SnapshotNode[]> {
  const found = await vcenter.find(ref, ['snapshot'])
  return allOf(found?.values.get('snapshot'), 'rootSnapshotList').map(snapshotIn)
}

/** All that we may see, without what is in them. */
export async function* everyMachine(vcenter: VCenter): AsyncGenerator<Machine> {
  const outside = paths.filter((path) => path !== 'config.hardware.device')
  for await (const found of vcenter.list({ type: 'VirtualMachine', paths: outside })) yield machineIn(found)
}

function machineIn({ ref, values }: Found): Machine {
  const text = (path: (typeof paths)[number]): string => values.get(path)?.text ?? ''
  return {
    ref,
    name: decodedName(text('name')),
    instanceUuid: text('config.instanceUuid'),
    power: powerIn(text('runtime.powerState')),
    hasTools: text('guest.toolsRunningStatus') === 'guestToolsRunning',
    needsConsolidation: text('runtime.consolidationNeeded') === 'true',
    isTemplate: text('config.template') === 'true',
    snapshots: allOf(values.get('snapshot'), 'rootSnapshotList').map(snapshotIn),
    devices: values.get('config.hardware.device')?.children ?? [],
  }
}

function snapshotIn(tree: Element): SnapshotNode {
  return {
    ref: refIn(at(tree, 'snapshot')) ?? { type: 'VirtualMachineSnapshot', id: '' },
    name: textAt(tree, 'name') ?? '',
    description: textAt(tree, 'description') ?? '',
    createdAt: textAt(tree, 'createTime') ?? '',
    power: powerIn(textAt(tree, 'state') ?? ''),
    isQuiesced: booleanAt(tree, 'quiesced') ?? false,
    children: allOf(tree, 'childSnapshotList').map(snapshotIn),
  }
}

const powerIn = (text: string): MachinePower => (text === 'poweredOn' || text === 'suspended' ? text : 'poweredOff')

/** A vCenter keeps these three as it would in an address. */
export function decodedName(name: string): string {
  return name.replace(/%(25|2f|5c)/gi, (escape) => decodeURIComponent(escape))
}

export function powerStateOf(power: MachinePower): PowerState {
  return power === 'poweredOn' ? 'running' : power === 'suspended' ? 'suspended' : 'stopped'
}

/** The whole tree, parents before their children. */
export function* everySnapshot(nodes: readonly SnapshotNode[]): Generator<SnapshotNode> {
  for (const node of nodes) {
    yield node
    yield* everySnapshot(node.children)
  }
}

export interface Disk {
  readonly key: number
  readonly label: string
  readonly bytes: number
  /** Independent disks are in no snapshot. */
  readonly isIndependent: boolean
}

export function disksOf({ devices }: Pick<Machine, 'devices'>): readonly Disk[] {
  return devices
    .filter(({ xsiType }) => xsiType === 'VirtualDisk')
    .map((device) => ({
      key: numberAt(device, 'key') ?? 0,
      label: textAt(device, 'deviceInfo', 'label') ?? String(numberAt(device, 'key')),
      bytes: numberAt(device, 'capacityInBytes') ?? (numberAt(device, 'capacityInKB') ?? 0) * 1024,
      isIndependent: (textAt(device, 'backing', 'diskMode') ?? '').startsWith('independent_'),
    }))
}

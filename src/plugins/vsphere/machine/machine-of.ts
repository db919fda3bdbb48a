// Which machine a node's operation works on, and in which vCenter: by the id on record once that is known.
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { at, refIn } from '../client/element.ts'
import { vcenterOf } from '../client/shared-vcenters.ts'
import type { Ref } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { ambiguous, missing, notCreated } from '../errors.ts'
import { settingsOf, type VsphereSettings } from '../settings.ts'
import { decodedName, findMachine, machineOf, refOf, type Machine } from './machine.ts'

export interface NodeVCenter {
  readonly vcenter: VCenter
  readonly settings: VsphereSettings
}

export interface NodeMachine extends NodeVCenter {
  readonly machine: Machine
}

export async function vcenterOfNode(ctx: OperationContext, inputs: JsonObject = {}): Promise<NodeVCenter> {
  const settings = await settingsOf(ctx, inputs)
  return { vcenter: await vcenterOf(ctx, settings.connectionConfig), settings }
}

/** @throws Fault `vsphere.not_created`, `vsphere.missing`, `vsphere.ambiguous` */
export async function machineOfNode(ctx: OperationContext, inputs: JsonObject = {}): Promise<NodeMachine> {
  const place = await vcenterOfNode(ctx, inputs)
  return { ...place, machine: await machineAt(place) }
}

/** @throws Fault `vsphere.not_created`, `vsphere.missing`, `vsphere.ambiguous` */
export async function machineAt({ vcenter, settings }: NodeVCenter): Promise<Machine> {
  const { machineId, instanceUuid, name, isExternal } = settings
  if (machineId !== undefined) {
    const machine = await findMachine(vcenter, refOf(machineId))
    if (machine !== undefined) return machine
    // One that was registered anew has another id, and is the same all the same.
    const again = instanceUuid === undefined ? undefined : await machineWithUuid(vcenter, instanceUuid)
    if (again === undefined) throw missing('machine', machineId)
    return machineOf(vcenter, again)
  }
  // One of our own without an id was never made, and a namesake is another machine.
  if (!isExternal || name === undefined) throw notCreated('machine')
  return machineOf(vcenter, await machineNamed(vcenter, name))
}

async function machineWithUuid(vcenter: VCenter, uuid: string): Promise<Ref | undefined> {
  const index = await vcenter.manager('searchIndex')
  const answer = await vcenter.call(index, 'FindByUuid', [
    ['uuid', uuid],
    ['vmSearch', true],
    ['instanceUuid', true],
  ])
  return refIn(at(answer, 'returnval'))
}

/** By its exact name. @throws Fault `vsphere.missing`, `vsphere.ambiguous` */
export async function machineNamed(vcenter: VCenter, name: string, below?: Ref): Promise<Ref> {
  return objectNamed(vcenter, { type: 'VirtualMachine', name, kind: 'machine' }, below)
}

/** `kind`: for people. An id of the type (`vm-12`) is taken as well. */
export async function objectNamed(
  vcenter: VCenter,
  { type, name, kind }: { readonly type: string; readonly name: string; readonly kind: string },
  below?: Ref,
): Promise<Ref> {
  const found = await objectsNamed(vcenter, { type, name }, below)
  const [only] = found
  if (only === undefined) throw missing(kind, name)
  if (found.length === 1) return only
  throw ambiguous(
    kind,
    name,
    found.map(({ id }) => id),
  )
}

export async function objectsNamed(
  vcenter: VCenter,
  { type, name }: { readonly type: string; readonly name: string },
  below?: Ref,
): Promise<readonly Ref[]> {
  const found: Ref[] = []
  for await (const { ref, values } of vcenter.list({ type, paths: ['name'] }, below)) {
    if (ref.id === name) return [ref]
    if (decodedName(values.get('name')?.text ?? '') === name) found.push(ref)
  }
  return found
}

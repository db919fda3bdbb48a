// What a node's instance remembers of its machine, under the names of the original.
import type { Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { allOf, textAt } from '../client/element.ts'
import type { VCenter } from '../client/vcenter.ts'
import { machineOf, type Machine } from './machine.ts'
import type { Ref } from '../client/value.ts'

const names = [
  'vsphere_server_id',
  'vsphere_instance_uuid',
  'name',
  'host_server',
  'datastores',
  'networks',
  'ip',
  'public_ip',
  'use_external_resource',
  'vsphere_snapshot_id',
  'stat',
  'power_before_resize',
] as const

export async function recordMachine(
  ctx: OperationContext,
  vcenter: VCenter,
  ref: Ref,
  isExternal: boolean,
): Promise<Machine> {
  const machine = await machineOf(vcenter, ref)
  const { values } = await vcenter.read(ref, ['guest.net', 'guest.ipAddress', 'runtime.host', 'datastore', 'network'])
  const ids = (path: string): Json => (values.get(path)?.children ?? []).map(({ text }) => text.trim())
  const addresses = allOf(values.get('guest.net'), 'GuestNicInfo').map((nic) => ({
    name: textAt(nic, 'network') ?? null,
    mac: textAt(nic, 'macAddress') ?? null,
    ip: allOf(nic, 'ipAddress').map(({ text }) => text),
  }))
  const ip = values.get('guest.ipAddress')?.text
  Object.assign(ctx.instance.runtimeProperties, {
    vsphere_server_id: ref.id,
    vsphere_instance_uuid: machine.instanceUuid,
    name: machine.name,
    host_server: values.get('runtime.host')?.text ?? null,
    datastores: ids('datastore'),
    networks: addresses,
    use_external_resource: isExternal,
    ...(ip === undefined || ip === '' ? {} : { ip }),
  })
  await ctx.save()
  return machine
}

export function forgetMachine(ctx: OperationContext): void {
  for (const name of names) delete ctx.instance.runtimeProperties[name]
}

/** undefined: the guest has none, or has no tools to tell. */
export async function addressOf(vcenter: VCenter, ref: Ref): Promise<string | undefined> {
  const { values } = await vcenter.read(ref, ['guest.ipAddress'])
  return values.get('guest.ipAddress')?.text || undefined
}

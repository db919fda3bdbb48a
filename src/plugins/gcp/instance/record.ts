// What a node's instance knows of its instance in the cloud, under the names of the original: addresses above all.
import type { Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { lastPart } from '../client/operations.ts'
import type { GcpSettings } from '../settings.ts'
import type { Instance } from './views.ts'

const names = ['kind', 'id', 'name', 'zone', 'selfLink', 'machineType', 'status', 'labels', 'tags', 'networkInterfaces']
const addresses = ['ip', 'private_ip', 'public_ip_address']

/** Not durable before the caller saves it. Without metadata, which may hold secrets. */
export function recordInstance(
  ctx: Pick<OperationContext, 'instance'>,
  settings: GcpSettings,
  instance: Instance,
): void {
  const known = ctx.instance.runtimeProperties
  const shown = instance as unknown as Readonly<Record<string, Json>>
  for (const name of names) if (shown[name] !== undefined) known[name] = shown[name]
  known['kind'] = 'compute#instance'
  known['zone'] = lastPart(instance.zone)
  const [first] = instance.networkInterfaces ?? []
  const own = first?.networkIP
  const outer = first?.accessConfigs?.find(({ natIP }) => natIP !== undefined)?.natIP
  const usesOuter = settings.options.boolean('use_public_ip') ?? false
  const values: Readonly<Record<string, string | undefined>> = {
    private_ip: own,
    public_ip_address: outer,
    ip: usesOuter ? (outer ?? own) : own,
  }
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete known[name]
    else known[name] = value
  }
}

export function forgetInstance({ instance }: Pick<OperationContext, 'instance'>): void {
  for (const name of [...names, ...addresses, ownDevices]) delete instance.runtimeProperties[name]
}

/** Device names of disks that are nodes of their own: those are saved there. The names of the disks change with a restore. */
export const ownDevices = 'devices_of_nodes'

export function devicesOfNodes({ instance }: Pick<OperationContext, 'instance'>): readonly string[] {
  const value = instance.runtimeProperties[ownDevices]
  return Array.isArray(value) ? (value as readonly Json[]).filter((one) => typeof one === 'string') : []
}

// What a node's instance knows of its disk, under the names of the original: `gcp_disk` is what an instance attaches.
import type { Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { GcpSettings } from '../settings.ts'
import type { DiskView } from './views.ts'

/** Not durable before the caller saves it. */
export function recordDisk(
  { instance }: Pick<OperationContext, 'instance'>,
  { options }: Pick<GcpSettings, 'options'>,
  zone: string,
  disk: DiskView,
): void {
  const { id, name, selfLink, sizeGb, type, status } = disk
  const boot = options.boolean('boot') ?? false
  const attached = {
    kind: 'compute#attachedDisk',
    boot,
    mode: 'READ_WRITE',
    source: selfLink,
    deviceName: deviceFor(instance.runtimeProperties, name),
  }
  Object.assign(instance.runtimeProperties, {
    kind: 'compute#disk',
    id,
    name,
    zone,
    selfLink,
    sizeGb,
    type,
    status,
    gcp_disk: attached,
  })
}

/** Guests know it by this: it stays the same when another disk takes the place of the first. */
function deviceFor(known: Readonly<Record<string, Json>>, name: string): string {
  const before = known['gcp_disk']
  const device =
    typeof before === 'object' && before !== null && 'deviceName' in before ? before['deviceName'] : undefined
  return typeof device === 'string' ? device : name
}

export function forgetDisk({ instance }: Pick<OperationContext, 'instance'>): void {
  for (const name of ['kind', 'id', 'name', 'zone', 'selfLink', 'sizeGb', 'type', 'status', 'gcp_disk']) {
    delete instance.runtimeProperties[name]
  }
}

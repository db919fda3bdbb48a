// Servers as Nova shows them, read by id, and the state of one as people and the engine call it.
import type { JsonObject } from '../../../kernel/json.ts'
import type { PowerState } from '../../contract/operation.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { missing } from '../errors.ts'
import { serverReason } from '../reasons.ts'
import type { Pace } from '../../http/wait.ts'
import { untilStatus } from '../wait.ts'

/** What is read of it. Some of it not every cloud shows, nor to everybody. */
export interface Server {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly created: string
  readonly metadata: Readonly<Record<string, string>>
  /** Empty: it boots from a volume. */
  readonly image: '' | { readonly id: string } | null
  readonly flavor: JsonObject
  readonly addresses: Readonly<Record<string, readonly ServerAddress[]>>
  readonly key_name: string | null
  readonly config_drive: string
  readonly accessIPv4?: string
  readonly accessIPv6?: string
  readonly description?: string | null
  readonly tags?: readonly string[]
  readonly server_groups?: readonly string[]
  readonly security_groups?: readonly { readonly name: string }[]
  readonly fault?: { readonly message?: string } | null
  readonly 'OS-EXT-STS:task_state': string | null
  readonly 'OS-EXT-AZ:availability_zone'?: string
  readonly 'OS-EXT-SRV-ATTR:root_device_name'?: string | null
  readonly 'OS-EXT-SRV-ATTR:user_data'?: string | null
  readonly 'OS-EXT-SRV-ATTR:hostname'?: string | null
}

export interface ServerAddress {
  readonly addr: string
  readonly version: number
  readonly 'OS-EXT-IPS:type'?: string
  readonly 'OS-EXT-IPS-MAC:mac_addr'?: string
}

/** The newest version that is known to be understood: what we read did not change up to it. */
export const newestCompute = '2.93'

export async function findServer(cloud: Cloud, id: string): Promise<Server | undefined> {
  const found = await cloud.find<{ readonly server: Server }>({
    service: 'compute',
    path: pathOf`/servers/${id}`,
    microversion: await cloud.bestVersion('compute', newestCompute),
  })
  return found?.server.status === 'DELETED' ? undefined : found?.server
}

/** @throws Fault `openstack.missing` */
export async function serverOf(cloud: Cloud, id: string): Promise<Server> {
  const server = await findServer(cloud, id)
  if (server === undefined) throw missing('server', id)
  return server
}

export const taskOf = (server: Server): string | null => server['OS-EXT-STS:task_state'] || null

/** Then it has no image of its own, and its disks are volumes. */
export const bootsFromVolume = ({ image }: Server): boolean => image === '' || image === null

export function powerOf({ status }: Server): PowerState {
  if (['ACTIVE', 'REBOOT', 'HARD_REBOOT', 'PASSWORD'].includes(status)) return 'running'
  return ['SUSPENDED', 'PAUSED'].includes(status) ? 'suspended' : 'stopped'
}

/** Reads until it is in one of these states and has nothing under way. @throws Fault `openstack.error_state` with Nova's reason */
export function untilServer(
  cloud: Cloud,
  id: string,
  { wanted, ...pace }: Pace & { readonly wanted: readonly string[] },
): Promise<Server> {
  return untilStatus(cloud, () => serverOf(cloud, id), {
    ...pace,
    kind: 'server',
    id,
    wanted,
    status: (server) => server.status,
    task: taskOf,
    reason: (server) => serverReason(cloud, server),
  })
}

/** `shown`: `suspend`, or an action with what it takes. */
export async function actOn(
  cloud: Cloud,
  id: string,
  action: JsonObject,
  options: { readonly microversion?: string | undefined; readonly isUrgent?: boolean } = {},
): Promise<{ readonly body: JsonObject | null; readonly headers: Readonly<Record<string, string>> }> {
  return cloud.request<JsonObject | null>({
    service: 'compute',
    method: 'POST',
    path: pathOf`/servers/${id}/action`,
    body: action,
    ...options,
  })
}

// What a server is apart from its disks: enough to make the same one again with the same ports, and so the same addresses.
// Holds nothing secret: user data may, and is only handed from one server to the next.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import type { Server } from './server.ts'

export interface ServerDefinition {
  readonly [key: string]: Json
  readonly id: string
  readonly name: string
  readonly flavorId: string
  readonly keyName: string | null
  readonly zone: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: readonly string[]
  readonly description: string | null
  readonly hasConfigDrive: boolean
  readonly groupId: string | null
  /** In the order of its devices. */
  readonly ports: readonly ServerPort[]
}

/** Its network and first address as well: ports that Nova has made go with their server. */
export interface ServerPort {
  readonly [key: string]: Json
  readonly id: string
  readonly networkId: string
  readonly address: string | null
}

export async function definitionOf(cloud: Cloud, server: Server): Promise<ServerDefinition> {
  const [flavorId, ports] = await Promise.all([flavorOf(cloud, server), portsOf(cloud, server.id)])
  return {
    id: server.id,
    name: server.name,
    flavorId,
    keyName: server.key_name,
    zone: server['OS-EXT-AZ:availability_zone'] || null,
    metadata: server.metadata,
    tags: server.tags ?? [],
    description: server.description ?? null,
    hasConfigDrive: server.config_drive === 'True',
    groupId: server.server_groups?.[0] ?? null,
    ports,
  }
}

/** Newer versions show what a flavor gives, and not which one it is. */
async function flavorOf(cloud: Cloud, { id, flavor }: Server): Promise<string> {
  if (typeof flavor['id'] === 'string') return flavor['id']
  const found = await cloud.find<{ readonly server: Pick<Server, 'flavor'> }>({
    service: 'compute',
    path: pathOf`/servers/${id}`,
    microversion: await cloud.bestVersion('compute', '2.46'),
  })
  const shown = found?.server.flavor['id']
  return typeof shown === 'string' ? shown : ''
}

interface Interface {
  readonly port_id: string
  readonly net_id: string
  readonly fixed_ips?: readonly { readonly ip_address: string }[]
}

async function portsOf(cloud: Cloud, serverId: string): Promise<readonly ServerPort[]> {
  const found = await cloud.find<{ readonly interfaceAttachments: readonly Interface[] }>({
    service: 'compute',
    path: pathOf`/servers/${serverId}/os-interface`,
  })
  return (found?.interfaceAttachments ?? []).map(({ port_id: id, net_id: networkId, fixed_ips: addresses }) => ({
    id,
    networkId,
    address: addresses?.[0]?.ip_address ?? null,
  }))
}

export function isDefinition(value: Json | undefined): value is ServerDefinition {
  if (!isJsonObject(value)) return false
  const { id, name, flavorId, ports, metadata } = value
  return (
    [id, name, flavorId].every((text) => typeof text === 'string') && Array.isArray(ports) && isJsonObject(metadata)
  )
}

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
  readonly portIds: readonly string[]
}

export async function definitionOf(cloud: Cloud, server: Server): Promise<ServerDefinition> {
  const [flavorId, portIds] = await Promise.all([flavorOf(cloud, server), portsOf(cloud, server.id)])
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
    portIds,
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

export async function portsOf(cloud: Cloud, serverId: string): Promise<readonly string[]> {
  const found = await cloud.find<{ readonly interfaceAttachments: readonly { readonly port_id: string }[] }>({
    service: 'compute',
    path: pathOf`/servers/${serverId}/os-interface`,
  })
  return (found?.interfaceAttachments ?? []).map(({ port_id: id }) => id)
}

export function isDefinition(value: Json | undefined): value is ServerDefinition {
  if (!isJsonObject(value)) return false
  const { id, name, flavorId, portIds, metadata } = value
  return (
    [id, name, flavorId].every((text) => typeof text === 'string') && Array.isArray(portIds) && isJsonObject(metadata)
  )
}

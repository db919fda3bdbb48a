// Servers as Nova shows them, which is another way at each microversion.
import type { Json, JsonObject } from '../../../../../src/kernel/json.ts'
import type { FakeServer } from '../../model/server.ts'
import type { State } from '../../model/state.ts'
import type { FakeAttachment, FakeThing } from '../../model/things.ts'
import { objects, textOr } from '../../http/call.ts'

export function shownServer(state: State, server: FakeServer, minor: number): JsonObject {
  return {
    id: server.id,
    name: server.name,
    status: server.status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: server.host === null ? '' : '66b0b6a6',
    image: server.imageId === null ? '' : { id: server.imageId, links: [] },
    flavor: shownFlavorOf(state, server, minor),
    created: server.created,
    updated: server.updated,
    addresses: addressesOf(state, server),
    accessIPv4: '',
    accessIPv6: '',
    links: [],
    progress: 0,
    key_name: server.keyName,
    config_drive: server.configDrive,
    ...(server.ports.length === 0 ? {} : { security_groups: server.securityGroups.map((name) => ({ name })) }),
    'OS-DCF:diskConfig': 'MANUAL',
    'OS-EXT-AZ:availability_zone': server.zone,
    'OS-EXT-STS:task_state': server.taskState,
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': server.powerState,
    'OS-SRV-USG:launched_at': server.launchedAt,
    'OS-SRV-USG:terminated_at': null,
    'os-extended-volumes:volumes_attached': server.attachments.map(({ volumeId, deleteOnTermination }) => ({
      id: volumeId,
      ...(minor >= 3 ? { delete_on_termination: deleteOnTermination } : {}),
    })),
    ...(server.fault === null || server.vmState !== 'error' ? {} : { fault: { code: 500, ...server.fault } }),
    ...(minor >= 9 ? { locked: server.isLocked } : {}),
    ...(minor >= 19 ? { description: server.description } : {}),
    ...(minor >= 26 ? { tags: server.tags } : {}),
    ...(minor >= 63 ? { trusted_image_certificates: null } : {}),
    ...(minor >= 71 ? { server_groups: server.groupId === null ? [] : [server.groupId] } : {}),
    ...(minor >= 73 ? { locked_reason: null } : {}),
    // To admins alone, but that is all that sets it apart.
    ...(minor >= 3 ? { 'OS-EXT-SRV-ATTR:root_device_name': '/dev/vda' } : {}),
  }
}

function shownFlavorOf(state: State, server: FakeServer, minor: number): JsonObject {
  if (minor < 47) return { id: server.flavorId, links: [] }
  const flavor = state.things('flavors').get(server.flavorId)
  return {
    original_name: flavor?.['name'] ?? '',
    vcpus: flavor?.['vcpus'] ?? 1,
    ram: flavor?.['ram'] ?? 64,
    disk: flavor?.['disk'] ?? 1,
    ephemeral: 0,
    swap: 0,
    extra_specs: flavor?.['extra_specs'] ?? {},
  }
}

function addressesOf(state: State, server: FakeServer): JsonObject {
  const shown: Record<string, Json[]> = {}
  for (const id of server.ports) {
    const port = state.things('ports').get(id)
    const network = state.things('networks').get(textOr(port?.['network_id'], ''))
    if (!port || !network) continue
    const found = (shown[textOr(network['name'], network.id)] ??= [])
    const mac = port['mac_address'] ?? ''
    for (const ip of objects(port['fixed_ips'])) found.push(address(textOr(ip['ip_address'], ''), 'fixed', mac))
    for (const floating of floatingOf(state, id)) {
      found.push(address(textOr(floating['floating_ip_address'], ''), 'floating', mac))
    }
  }
  return shown
}

function floatingOf(state: State, port: string): readonly FakeThing[] {
  return [...state.things('floatingips').values()].filter((one) => one['port_id'] === port)
}

function address(addr: string, type: string, mac: Json): Json {
  return { addr, version: addr.includes(':') ? 6 : 4, 'OS-EXT-IPS:type': type, 'OS-EXT-IPS-MAC:mac_addr': mac }
}

export function shownAttachment(attachment: FakeAttachment, minor: number): JsonObject {
  return {
    ...(minor < 89 ? { id: attachment.volumeId } : {}),
    serverId: attachment.serverId,
    volumeId: attachment.volumeId,
    device: attachment.device,
    ...(minor >= 70 ? { tag: attachment.tag } : {}),
    ...(minor >= 79 ? { delete_on_termination: attachment.deleteOnTermination } : {}),
    ...(minor >= 89 ? { attachment_id: attachment.id, bdm_uuid: attachment.bdmId } : {}),
  }
}

// Servers of the fake cloud, with volumes, in a deployment that is backed up, restored and cleared by whole workflows: in
// this process, or in one that is killed, at a fault point or right after a call had its effect on the cloud.
import type { JsonObject } from '../../../src/kernel/json.ts'
import { backupSite, cloudProvider, type BackupSite } from '../backup-workflows.ts'
import { fakeOpenstack, type FakeOpenstack, type FakeOpenstackOptions } from './fake-openstack.ts'

/** So many times as fast as elsewhere: what waits for a cloud looks again after some hundred milliseconds. */
const haste = 20

export interface CloudSite extends BackupSite {
  readonly cloud: FakeOpenstack
  /** What lies on all disks of all servers. */
  contents(): string
  /** Everything that the cloud holds: as lines, without what is another in each run. */
  inventory(): readonly string[]
}

export interface CloudSiteOptions {
  readonly cloud?: FakeOpenstackOptions
  readonly servers?: readonly string[]
  readonly volumesEach?: number
  readonly clientConfig?: JsonObject
  /** Another blueprint than that of the servers, whose input `access` is the cloud's client_config. */
  readonly blueprint?: string
  /** Servers boot from volumes. Default: each has a disk of its own. */
  readonly isFromVolume?: boolean
  /** Volumes are nodes of their own, attached by relationships. Default: they are known from their servers alone. */
  readonly hasVolumeNodes?: boolean
}

export async function cloudSite(options: CloudSiteOptions = {}): Promise<CloudSite> {
  const { servers = ['web'], volumesEach = 1, isFromVolume = false } = options
  const cloud = await fakeOpenstack(options.cloud)
  for (const name of servers) {
    const volumes = Array.from({ length: volumesEach }, (_one, index) => ({
      name: `${name}-data${index + 1}`,
      content: `data ${index + 1} of ${name}`,
    }))
    cloud.addServer({ name, isFromVolume, content: `root of ${name}`, volumes })
  }
  const inputs = options.blueprint === undefined ? {} : { access: cloud.clientConfig as JsonObject }
  const site = await backupSite(cloudProvider(cloud), {
    blueprint: options.blueprint ?? blueprint(cloud, servers, options),
    inputs,
    taskRetries: 10,
    haste,
  })
  return {
    ...site,
    cloud,
    contents: () => JSON.stringify(servers.map((name) => cloud.server(name).contents)),
    inventory: () => inventory(cloud),
  }
}

function inventory({ state }: FakeOpenstack): readonly string[] {
  const { servers, volumes, snapshots, backups, images, groups, groupSnapshots } = state
  const lines = [
    ...[...servers.values()].map(({ name, status, taskState }) => `server ${name} ${status} ${taskState}`),
    ...[...servers.values()].flatMap(({ name, attachments }) =>
      attachments.map(({ device, volumeId }) => `server ${name} has ${volumes.get(volumeId)?.name} at ${device}`),
    ),
    ...[...volumes.values()].map(({ name, status }) => `volume ${name} ${status}`),
    ...[...snapshots.values()].map(({ volumeId, status }) => `snapshot of ${volumes.get(volumeId)?.name} ${status}`),
    ...[...backups.values()].map(({ volumeId, status }) => `backup of ${volumes.get(volumeId)?.name} ${status}`),
    ...[...images.values()].map(
      ({ properties, status }) => `image of ${servers.get(properties['instance_uuid'] ?? '')?.name} ${status}`,
    ),
    ...[...groups.values()].map(({ status }) => `group ${status}`),
    ...[...groupSnapshots.values()].map(({ status }) => `group snapshot ${status}`),
  ]
  return lines.toSorted()
}

const blueprint = (
  cloud: FakeOpenstack,
  servers: readonly string[],
  { clientConfig = {}, hasVolumeNodes = false }: CloudSiteOptions,
): string => {
  const shared = { client_config: { ...cloud.clientConfig, ...clientConfig }, use_external_resource: true }
  const attached = 'cloudify.relationships.openstack.volume_attached_to_server'
  const nodes = servers.flatMap((name) => {
    const { id, attachments } = cloud.server(name)
    const properties = { ...shared, resource_config: { id }, agent_config: { install_method: 'none' } }
    const volumes = attachments.map(({ volumeId }) => {
      const relationships = [{ type: attached, target: name }]
      const own = { properties: { ...shared, resource_config: { id: volumeId } }, relationships }
      return [cloud.volume(volumeId).name, { type: 'cloudify.nodes.openstack.Volume', ...own }] as const
    })
    const server = [name, { type: 'cloudify.nodes.openstack.Server', properties }] as const
    return [server, ...(hasVolumeNodes ? volumes : [])]
  })
  return `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin]
node_templates: ${JSON.stringify(Object.fromEntries(nodes))}
`
}

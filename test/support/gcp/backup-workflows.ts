// Instances of the fake project, with disks, in a deployment that is backed up, restored and cleared by whole workflows: in
// this process, or in one that is killed, at a fault point or right after a call had its effect on the cloud.
import { fakeGcp, type FakeGcp, type FakeGcpOptions } from '../../../src/testing/gcp/fake-gcp.ts'
import { backupSite, cloudProvider, type BackupSite } from '../backup-workflows.ts'

/** So many times as fast as elsewhere: what waits for a cloud looks again after some hundred milliseconds. */
const haste = 20

export interface ProjectSite extends BackupSite {
  readonly cloud: FakeGcp
  /** What lies on all disks of all instances, by device. */
  contents(): string
  /** Everything that the cloud holds: as lines, without what is another in each run. */
  inventory(): readonly string[]
}

export interface ProjectSiteOptions {
  readonly cloud?: FakeGcpOptions
  readonly instances?: readonly string[]
  readonly disksEach?: number
  /** Disks are nodes of their own, attached by relationships. Default: they are known from their instances alone. */
  readonly hasDiskNodes?: boolean
}

export async function projectSite(options: ProjectSiteOptions = {}): Promise<ProjectSite> {
  const { instances = ['web'], disksEach = 1 } = options
  const cloud = await fakeGcp({ copiesPerHour: Infinity, ...options.cloud })
  for (const name of instances) {
    const disks = Array.from({ length: disksEach }, (_one, index) => ({
      name: `${name}-data${index + 1}`,
      content: `data ${index + 1} of ${name}`,
    }))
    cloud.addInstance({ name, content: `root of ${name}`, disks })
  }
  const site = await backupSite(cloudProvider(cloud), {
    blueprint: blueprint(cloud, instances, options),
    taskRetries: 5,
    haste,
  })
  return {
    ...site,
    cloud,
    contents: () => JSON.stringify(instances.map((name) => Object.entries(cloud.contents(name)).toSorted())),
    inventory: () => inventory(cloud),
  }
}

function inventory({ state }: FakeGcp): readonly string[] {
  const lines = [
    ...[...state.instances.values()].map(({ name, status }) => `instance ${name} ${status}`),
    ...[...state.instances.values()].flatMap(({ name, disks }) =>
      disks.map(({ deviceName, boot, autoDelete }) => `instance ${name} has ${deviceName} ${boot} ${autoDelete}`),
    ),
    ...[...state.disks.values()].map(({ name, status, users }) => `disk ${stem(name)} ${status} ${users.size}`),
    ...[...state.snapshots.values()].map(
      ({ sourceDisk, status }) => `snapshot of ${stem(sourceDisk.split('/').at(-1) ?? '')} ${status}`,
    ),
    ...[...state.machineImages.values()].map(
      ({ sourceInstance, status, disks }) => `image of ${sourceInstance} ${status} with ${disks.length} disks`,
    ),
  ]
  return lines.toSorted()
}

/** Another disk in its place is called after it. */
const stem = (name: string): string => name.replace(/-r[0-9a-f]{10}$/, '')

const blueprint = (
  cloud: FakeGcp,
  instances: readonly string[],
  { hasDiskNodes = false }: ProjectSiteOptions,
): string => {
  const shared = { client_config: cloud.clientConfig, use_external_resource: true }
  const nodes = instances.flatMap((name) => {
    const properties = { ...shared, resource_id: name, agent_config: { install_method: 'none' } }
    const disks = cloud.instance(name).disks.filter(({ boot }) => !boot)
    const relationships = [{ type: 'cloudify.relationships.gcp.instance_connected_to_disk', target: name }]
    const volumes = disks.map(({ disk }) => {
      const own = { properties: { ...shared, resource_id: disk }, relationships }
      return [disk, { type: 'cloudify.nodes.gcp.Volume', ...own }] as const
    })
    const instance = [name, { type: 'cloudify.nodes.gcp.Instance', properties }] as const
    return [instance, ...(hasDiskNodes ? volumes : [])]
  })
  return `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-gcp-plugin]
node_templates: ${JSON.stringify(Object.fromEntries(nodes))}
`
}

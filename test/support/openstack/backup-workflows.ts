// Servers of the fake cloud, with volumes, in a deployment that is backed up, restored and cleared by whole workflows: in
// this process, or in one that is killed, at a fault point or right after a call had its effect on the cloud.
import { expect } from 'chai'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionDetails, Fermata } from '../../../src/engine/api.ts'
import { openFermata } from '../../../src/engine/open.ts'
import type { Duration } from '../../../src/kernel/duration.ts'
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { World } from '../../../src/world/world.ts'
import { eventually } from '../cli.ts'
import { temporaryFolder } from '../folder.ts'
import { expectKeptBy } from '../kept-promises.ts'
import { shortWorld } from '../short-world.ts'
import { numbered, workflowChildren, type Death, type WorkflowCall } from '../workflow-children.ts'
import { fakeOpenstack, type FakeOpenstack, type FakeOpenstackOptions } from './fake-openstack.ts'

/** So many times as fast as elsewhere: what waits for a cloud looks again after some hundred milliseconds. */
const haste = 20

export interface CloudSite extends AsyncDisposable {
  readonly cloud: FakeOpenstack
  readonly fermata: Fermata
  /** In this process. */
  start(call: WorkflowCall): Promise<ExecutionDetails>
  /** In this process; must succeed. */
  succeed(call: WorkflowCall): Promise<ExecutionDetails>
  /** In a process of its own, which must succeed; every place that it passed. */
  passedBy(call: WorkflowCall): Promise<readonly Death[]>
  /** In a process of its own; false: it ended, well or not, before it came to that place. */
  killed(call: WorkflowCall, death: Death): Promise<boolean>
  /** Lets so much time go by at once for this process: whoever waits for the cloud has waited in vain. */
  skip(length: Duration): void
  /** Carries on what was killed or has failed. */
  resume(): Promise<ExecutionDetails>
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
  const folder = await temporaryFolder()
  const cloud = await fakeOpenstack(options.cloud)
  for (const name of servers) {
    const volumes = Array.from({ length: volumesEach }, (_one, index) => ({
      name: `${name}-data${index + 1}`,
      content: `data ${index + 1} of ${name}`,
    }))
    cloud.addServer({ name, isFromVolume, content: `root of ${name}`, volumes })
  }
  const short = shortWorld(haste)
  let skipped = 0
  const world: World = { ...short, clock: { ...short.clock, monotonic: () => short.clock.monotonic() + skipped } }
  const home = join(folder.path, 'home')
  const fermata = await openFermata({ home, world })
  // In a folder of its own: all of it is taken.
  mkdirSync(join(folder.path, 'blueprint'))
  const path = join(folder.path, 'blueprint', 'blueprint.yaml')
  writeFileSync(path, options.blueprint ?? blueprint(cloud, servers, options))
  await fermata.blueprints.upload('shop', { path })
  const inputs = options.blueprint === undefined ? {} : { access: cloud.clientConfig as JsonObject }
  await fermata.deployments.create('shop', 'shop', inputs)
  const start: CloudSite['start'] = (call) =>
    fermata.executions.start({ deploymentId: 'shop', taskRetries: 10, ...call })
  const succeed: CloudSite['succeed'] = async (call) => {
    const done = await start(call)
    expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
    return done
  }
  await succeed({ workflow: 'install', parameters: {} })
  const children = workflowChildren({ home, deploymentId: 'shop', haste })
  return {
    cloud,
    fermata,
    start,
    succeed,
    async passedBy(call) {
      const from = cloud.writes.length
      const points = await children.passedBy(call)
      return [...numbered('point', points), ...numbered('call', writesOf(cloud, from))]
    },
    async killed(call, death) {
      if (death.kind === 'point') return children.killedAt(call, death)
      const { name, ordinal: nth } = death
      const from = cloud.calls.length
      const planted = cloud.fail(name, { nth, isHanging: true })
      const isKilled = await children.killedBy(call, (kill) => {
        void planted.reached.then(async () => {
          // It is in the log as ended once it has had its effect.
          const isDone = (): boolean =>
            cloud.calls.slice(from).filter((one) => one.name === name)[nth - 1]?.to !== undefined
          await eventually(`${name} had its effect`, isDone)
          await kill()
        })
      })
      planted.remove()
      return isKilled
    },
    skip: (length) => void (skipped += length),
    async resume() {
      const last = (await fermata.executions.list()).at(-1)
      if (last === undefined) throw new Error('there is no execution')
      return last.status === 'terminated' ? fermata.executions.get(last.id) : fermata.executions.resume(last.id)
    },
    contents: () => JSON.stringify(servers.map((name) => cloud.server(name).contents)),
    inventory: () => inventory(cloud),
    async [Symbol.asyncDispose]() {
      children.close()
      try {
        await expectKeptBy(fermata)
      } finally {
        await fermata[Symbol.asyncDispose]()
        await cloud.close()
        await folder[Symbol.asyncDispose]()
      }
    },
  }
}

/** Names of calls that change something. */
export function writesOf(cloud: FakeOpenstack, from: number): readonly string[] {
  return cloud.writes.slice(from).map(({ name }) => name)
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

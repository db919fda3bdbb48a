// Instances of the fake project, with disks, in a deployment that is backed up, restored and cleared by whole workflows: in
// this process, or in one that is killed, at a fault point or right after a call had its effect on the cloud.
import { expect } from 'chai'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionDetails, Fermata } from '../../../src/engine/api.ts'
import { openFermata } from '../../../src/engine/open.ts'
import type { Duration } from '../../../src/kernel/duration.ts'
import type { World } from '../../../src/world/world.ts'
import { eventually } from '../cli.ts'
import { temporaryFolder } from '../folder.ts'
import { expectKeptBy } from '../kept-promises.ts'
import { shortWorld } from '../short-world.ts'
import { numbered, workflowChildren, type Death, type WorkflowCall } from '../workflow-children.ts'
import { fakeGcp, type FakeGcp, type FakeGcpOptions } from '../../../src/testing/gcp/fake-gcp.ts'

/** So many times as fast as elsewhere: what waits for a cloud looks again after some hundred milliseconds. */
const haste = 20

export interface ProjectSite extends AsyncDisposable {
  readonly cloud: FakeGcp
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
  const folder = await temporaryFolder()
  const cloud = await fakeGcp({ copiesPerHour: Infinity, ...options.cloud })
  for (const name of instances) {
    const disks = Array.from({ length: disksEach }, (_one, index) => ({
      name: `${name}-data${index + 1}`,
      content: `data ${index + 1} of ${name}`,
    }))
    cloud.addInstance({ name, content: `root of ${name}`, disks })
  }
  const short = shortWorld(haste)
  let skipped = 0
  const world: World = { ...short, clock: { ...short.clock, monotonic: () => short.clock.monotonic() + skipped } }
  const home = join(folder.path, 'home')
  const fermata = await openFermata({ home, world })
  // In a folder of its own: all of it is taken.
  mkdirSync(join(folder.path, 'blueprint'))
  const path = join(folder.path, 'blueprint', 'blueprint.yaml')
  writeFileSync(path, blueprint(cloud, instances, options))
  await fermata.blueprints.upload('shop', { path })
  await fermata.deployments.create('shop', 'shop', {})
  const start: ProjectSite['start'] = (call) =>
    fermata.executions.start({ deploymentId: 'shop', taskRetries: 5, ...call })
  const succeed: ProjectSite['succeed'] = async (call) => {
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
    contents: () => JSON.stringify(instances.map((name) => Object.entries(cloud.contents(name)).toSorted())),
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
export function writesOf(cloud: FakeGcp, from: number): readonly string[] {
  return cloud.writes.slice(from).map(({ name }) => name)
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

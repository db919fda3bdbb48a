// Instances and disks of the fake project for the contract suite: what is seen of them from outside, and the nodes that the
// plugin sees.
import type { JsonObject } from '../../../src/kernel/json.ts'
import plugin from '../../../src/plugins/gcp/plugin.ts'
import type { ContractNode, ContractSubject } from '../../../src/testing/contract/subject.ts'
import { shortWorld } from '../short-world.ts'
import { fakeGcp, type FakeGcp } from '../../../src/testing/gcp/fake-gcp.ts'

let changes = 0

const instanceTask = (name: string): string => `cloudify_gcp.compute.instance.${name}`
const snapshotting = (task: (name: string) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['create', 'apply', 'delete'].map((name) => [`cloudify.interfaces.snapshot.${name}`, task(`snapshot_${name}`)]),
  )

function nodeOn(cloud: FakeGcp, type: string, name: string, operations: Readonly<Record<string, string>>) {
  return {
    type: `cloudify.nodes.gcp.${type}`,
    operations,
    properties: { client_config: cloud.clientConfig, use_external_resource: true, resource_id: name } as JsonObject,
    runtimeProperties: { name } as JsonObject,
    secrets: { gcp_key: cloud.account.private_key } as Readonly<Record<string, string>>,
    world: shortWorld(),
    async [Symbol.asyncDispose]() {
      await plugin.close?.()
      await cloud.close()
    },
  } satisfies ContractNode
}

export const suspended: ContractSubject = {
  plugin,
  async node() {
    const cloud = await fakeGcp()
    cloud.addInstance({ name: 'web' })
    const operations = {
      'cloudify.interfaces.freeze.suspend': instanceTask('suspend'),
      'cloudify.interfaces.freeze.resume': instanceTask('resume'),
      'cloudify.interfaces.statistics.perfomance': instanceTask('perfomance'),
    }
    return {
      ...nodeOn(cloud, 'Instance', 'web', operations),
      power: async () => {
        const { status } = cloud.instance('web')
        return status === 'RUNNING' ? 'running' : status === 'SUSPENDED' ? 'suspended' : 'stopped'
      },
    }
  },
}

/** `isIncremental`: snapshots of its disks; else a machine image. */
export const savedInstance = (isIncremental: boolean): ContractSubject => ({
  plugin,
  async node() {
    const cloud = await fakeGcp({ copiesPerHour: Infinity })
    cloud.addInstance({ name: 'web', content: 'root', disks: [{ name: 'data', content: 'data' }] })
    return {
      ...nodeOn(cloud, 'Instance', 'web', snapshotting(instanceTask)),
      inputs: { snapshot_incremental: isIncremental },
      state: async () => JSON.stringify(cloud.contents('web')),
      change: async () => {
        changes += 1
        for (const device of Object.keys(cloud.contents('web'))) cloud.write('web', `changed ${changes}`, device)
      },
      snapshots: async () => wholeCopies(cloud, isIncremental),
      loseSnapshot: async (providerId) => lose(cloud, providerId),
    }
  },
})

/** Free, or held by an instance. */
export const savedDisk = (isAttached: boolean): ContractSubject => ({
  plugin,
  async node() {
    const cloud = await fakeGcp({ copiesPerHour: Infinity })
    if (isAttached) cloud.addInstance({ name: 'web', disks: [{ name: 'data', content: 'data' }] })
    else cloud.addDisk({ name: 'data', content: 'data' })
    // A restore puts another disk in its place.
    const disk = () => [...cloud.state.disks.values()].filter(({ name }) => name.startsWith('data')).at(-1)
    const task = (name: string): string => `cloudify_gcp.compute.disk.${name}`
    return {
      ...nodeOn(cloud, 'Volume', 'data', snapshotting(task)),
      state: async () => disk()?.content ?? 'gone',
      change: async () => {
        changes += 1
        const one = disk()
        if (one !== undefined) one.content = `changed ${changes}`
      },
      snapshots: async () => [...cloud.state.snapshots.keys()],
      loseSnapshot: async (providerId) => lose(cloud, providerId),
    }
  },
})

/** One for each image, or each copy of a first disk; what does not fit into whole copies is told as stray. */
function wholeCopies({ state }: FakeGcp, isIncremental: boolean): readonly string[] {
  const images = [...state.machineImages.keys()]
  const parts = [...state.snapshots.keys()]
  if (!isIncremental) return [...images, ...parts.map((name) => `stray ${name}`)]
  const whole = parts.filter((_name, index) => index % 2 === 0)
  return [...whole, ...(parts.length % 2 === 1 ? ['stray'] : []), ...images]
}

/** @throws Error when the id names nothing that is there */
function lose({ state }: FakeGcp, providerId: string): void {
  for (const name of providerId.split(',')) {
    const isGone = state.snapshots.delete(name) || state.machineImages.delete(name)
    if (!isGone) throw new Error(`'${name}' is not there`)
  }
}

// Servers and volumes of a cloud, real or fake, for the contract suite: what is seen of them from outside, and the nodes
// that the plugin sees.
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { PowerState } from '../../../src/plugins/contract/operation.ts'
import type { Plugin } from '../../../src/plugins/contract/plugin.ts'
import type { ContractNode, ContractSubject } from '../../../src/testing/contract/subject.ts'
import type { World } from '../../../src/world/world.ts'

/** A running server, or a volume. What a cloud cannot show of it is left out, and so are the cases about it. */
export interface ContractThing extends AsyncDisposable {
  readonly id: string
  readonly clientConfig: JsonObject
  readonly world?: World
  power?(): Promise<PowerState>
  /** What lies on its disks; written by its guest, where there is one. */
  state?(): Promise<string>
  change?(): Promise<void>
  /** Ids: one for each snapshot or backup, whatever it consists of. */
  copies(): Promise<readonly string[]>
  /** Behind the plugin's back. `providerId`: the part's. */
  loseCopy(providerId: string): Promise<void>
}

export type NewThing = () => Promise<ContractThing>

const serverTask = (name: string): string => `openstack_plugin.resources.compute.server.${name}`
const volumeTask = (name: string): string => `openstack_plugin.resources.volume.volume.${name}`

const saving = { create: 'snapshot_create', apply: 'snapshot_apply', delete: 'snapshot_delete' } as const

function nodeOf(plugin: Plugin, thing: ContractThing, type: string, operations: Readonly<Record<string, string>>) {
  return {
    type: `cloudify.nodes.openstack.${type}`,
    operations,
    properties: { client_config: thing.clientConfig, use_external_resource: true, resource_config: { id: thing.id } },
    runtimeProperties: { id: thing.id },
    ...(thing.world === undefined ? {} : { world: thing.world }),
    async [Symbol.asyncDispose]() {
      await plugin.close?.()
      await thing[Symbol.asyncDispose]()
    },
  } satisfies ContractNode
}

/** Suspended and resumed. */
export const suspendingSubject = (plugin: Plugin, newServer: NewThing): ContractSubject => ({
  plugin,
  async node() {
    const server = await newServer()
    const node: ContractNode = nodeOf(plugin, server, 'Server', {
      'cloudify.interfaces.freeze.suspend': serverTask('suspend'),
      'cloudify.interfaces.freeze.resume': serverTask('resume'),
    })
    return { ...node, ...(server.power === undefined ? {} : { power: () => powerOf(server) }) }
  },
})

/** `isSnapshot`: what the workflows call incremental; else a backup. */
export const savingSubject = (
  plugin: Plugin,
  newThing: NewThing,
  type: 'Server' | 'Volume',
  isSnapshot: boolean,
): ContractSubject => ({
  plugin,
  async node() {
    const thing = await newThing()
    const task = type === 'Server' ? serverTask : volumeTask
    const operations = Object.entries(saving).map(([name, key]) => [`cloudify.interfaces.snapshot.${name}`, task(key)])
    const node: ContractNode = nodeOf(plugin, thing, type, Object.fromEntries(operations) as Record<string, string>)
    const { state, change } = thing
    return {
      ...node,
      inputs: { snapshot_incremental: isSnapshot },
      ...(state === undefined ? {} : { state: () => state.call(thing) }),
      ...(change === undefined ? {} : { change: () => change.call(thing) }),
      snapshots: () => thing.copies(),
      loseSnapshot: (providerId) => thing.loseCopy(providerId),
    }
  },
})

async function powerOf(server: ContractThing): Promise<PowerState> {
  return (await server.power?.()) ?? 'stopped'
}

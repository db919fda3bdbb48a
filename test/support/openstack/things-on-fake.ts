// Servers and volumes of the fake cloud for the contract suite.
import type { ContractThing } from './contract-site.ts'
import { fakeOpenstack, type FakeOpenstack } from './fake-openstack.ts'
import type { FakeServer } from './model/server.ts'
import { shortWorld } from './node-on-fake.ts'

let changes = 0

/** With a disk of its own or on a volume, and with a volume beside. */
export const serverOnFake = (isFromVolume: boolean) => async (): Promise<ContractThing> => {
  const cloud = await fakeOpenstack()
  const volumes = [{ name: 'contract-data', content: 'data' }]
  const server = cloud.addServer({ name: 'contract', isFromVolume, content: 'root', volumes })
  return {
    ...shared(cloud, server.id),
    power: async () => (server.isRunning ? 'running' : server.vmState === 'stopped' ? 'stopped' : 'suspended'),
    // By its name: a restore may have put another in its place.
    state: async () => JSON.stringify(cloud.server('contract').contents),
    change: async () => writeAll(cloud.server('contract')),
    copies: async () => copiesOf(cloud, isFromVolume ? 2 : 1, !isFromVolume),
    loseCopy: async (providerId) => loseWhole(cloud, providerId),
  }
}

/** Free, or held by a server. */
export const volumeOnFake = (isAttached: boolean) => async (): Promise<ContractThing> => {
  const cloud = await fakeOpenstack()
  const options = { name: 'contract', content: 'data' }
  if (isAttached) cloud.addServer({ name: 'holder', volumes: [options] })
  else cloud.addVolume(options)
  const volume = cloud.volume('contract')
  return {
    ...shared(cloud, volume.id),
    state: async () => cloud.volume(volume.id).content,
    change: async () => {
      changes += 1
      cloud.volume(volume.id).content = `changed ${changes}`
    },
    copies: async () => [...cloud.state.snapshots.keys(), ...cloud.state.backups.keys()],
    loseCopy: async (providerId) => loseWhole(cloud, providerId),
  }
}

function shared(cloud: FakeOpenstack, id: string) {
  return {
    id,
    clientConfig: cloud.clientConfig,
    world: shortWorld(),
    [Symbol.asyncDispose]: () => cloud.close(),
  }
}

function writeAll(server: FakeServer): void {
  changes += 1
  for (const device of Object.keys(server.contents)) server.write(`changed ${changes}`, device)
}

/** One for each image, or each copy of a first volume; what does not fit into whole copies is told as stray. */
function copiesOf(cloud: FakeOpenstack, volumes: number, hasImage: boolean): readonly string[] {
  const images = [...cloud.state.images.values()].filter(({ name }) => name !== 'cirros').map(({ id }) => id)
  const parts = [...cloud.state.snapshots.keys(), ...cloud.state.backups.keys()]
  const whole = hasImage ? images : parts.filter((_id, index) => index % volumes === 0)
  const strays = hasImage ? Math.abs(parts.length - images.length * volumes) : parts.length % volumes
  return [...whole, ...Array.from({ length: strays }, (_one, index) => `stray ${index}`)]
}

/** @throws Error when the id names nothing that is there */
function loseWhole(cloud: FakeOpenstack, providerId: string): void {
  const { images, snapshots, backups, groupSnapshots } = cloud.state
  const all = [images, snapshots, backups, groupSnapshots] as const
  const isNamed = all.some((kind) => [...kind.keys()].some((id) => providerId.includes(id)))
  if (!isNamed) throw new Error(`'${providerId}' names nothing that is there`)
  for (const kind of all) {
    for (const id of kind.keys()) if (id !== cloud.baseImage.id && providerId.includes(id)) kind.delete(id)
  }
}

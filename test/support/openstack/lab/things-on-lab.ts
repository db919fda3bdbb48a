// Servers and volumes of the lab's cloud for the contract suite. Each case has its own.
import { copiesOf, serverWithVolumes, statusOf, type Copies } from '../../../lab/openstack/site.ts'
import { clientConfig, read, write } from '../../../lab/openstack/lab.ts'
import { eventually } from '../../cli.ts'
import type { ContractThing } from '../contract-site.ts'
import { labSite } from '../truth/lab-site.ts'
import { Stage } from '../truth/stage.ts'

const first = 0x10
let changes = first

/** With a disk of its own, of which nothing can be seen here, and a volume beside, of which all can. */
export async function serverOnLab(): Promise<ContractThing> {
  const stage = await Stage.open(await labSite())
  const { server, volumes } = await serverWithVolumes(stage, 1, 'contract')
  const thing = await thingOnLab(stage, { id: server, server, volumes })
  return {
    ...thing,
    async power() {
      const status = await statusOf(stage, server)
      return status === 'ACTIVE' ? 'running' : status === 'SUSPENDED' ? 'suspended' : 'stopped'
    },
  }
}

/** Free. */
export async function volumeOnLab(): Promise<ContractThing> {
  const stage = await Stage.open(await labSite())
  const id = await stage.volume()
  return thingOnLab(stage, { id, volumes: [id] })
}

interface OnLab {
  readonly id: string
  readonly server?: string
  readonly volumes: readonly string[]
}

async function thingOnLab(stage: Stage, { id, ...whole }: OnLab): Promise<ContractThing> {
  for (const volume of whole.volumes) await write(volume, first)
  const copies = (): Promise<Copies> => copiesOf(stage, whole)
  return {
    id,
    clientConfig,
    state: async () => JSON.stringify(await Promise.all(whole.volumes.map((volume) => read(volume)))),
    async change() {
      changes = first + ((changes + 1 - first) % 0x80)
      for (const volume of whole.volumes) await write(volume, changes)
    },
    // One for each copy of the whole: what does not fit into whole ones is told as stray.
    async copies() {
      const { images, snapshots, backups, broken } = await copies()
      const parts = [...snapshots, ...backups]
      if (whole.server === undefined) return [...parts, ...broken]
      const strays = Math.abs(parts.length - images.length * whole.volumes.length)
      return [...images, ...Array.from({ length: strays }, (_one, index) => `stray ${index}`), ...broken]
    },
    async loseCopy(providerId) {
      const { images, snapshots, backups } = await copies()
      const all = { images, snapshots, backups }
      for (const [kind, ids] of Object.entries(all)) {
        for (const one of ids.filter((known) => providerId.includes(known))) await remove(stage, kind, one)
      }
    },
    async [Symbol.asyncDispose]() {
      const left = await copies()
      for (const kind of ['images', 'snapshots', 'backups'] as const) {
        for (const one of left[kind]) await remove(stage, kind, one)
      }
      await stage[Symbol.asyncDispose]()
    },
  }
}

async function remove(stage: Stage, kind: string, id: string): Promise<void> {
  const where = kind === 'images' ? 'image' : 'volumev3'
  await stage.call('DELETE', where, `/${kind}/${id}`)
  await eventually(
    `${kind} ${id} is gone`,
    async () => (await stage.call('GET', where, `/${kind}/${id}`)).status === 404,
    90_000,
  )
}

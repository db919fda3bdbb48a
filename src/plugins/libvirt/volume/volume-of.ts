// Which volume an operation works on: by the name of its pool and its own, which is all that libvirt knows volumes by.
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { refreshPool } from '../backup/refresh-pool.ts'
import { hasCode } from '../client/errors.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Pool, Volume } from '../client/structs.ts'
import { hypervisorOfNode } from '../domain/domain-of.ts'
import { badProperty, missing, notCreated } from '../errors.ts'
import { Reader } from '../reader.ts'
import { pools } from '../pool/kind.ts'
import type { Scene } from '../resource/kind.ts'
import { runningUsers } from '../resource/users.ts'
import type { LibvirtSettings } from '../settings.ts'
import { allAt } from '../xml/element.ts'

export interface NodeVolume {
  readonly hypervisor: Hypervisor
  readonly pool: Pool
  readonly vol: Volume
  readonly settings: LibvirtSettings
}

/** @throws Fault `libvirt.not_created`, `libvirt.missing` */
export async function volumeOf(ctx: OperationContext, inputs: JsonObject = {}): Promise<NodeVolume> {
  const { hypervisor, settings } = await hypervisorOfNode(ctx, inputs)
  const { resourceId: name } = settings
  if (name === undefined) throw notCreated('volume')
  const pool = await poolNamed(ctx, hypervisor, poolIn(settings))
  const vol = await findVolume(ctx, hypervisor, pool, name)
  if (vol === undefined) throw missing(hypervisor, 'volume', name)
  return { hypervisor, pool, vol, settings }
}

/** @throws Fault `libvirt.bad_property` */
export function poolIn({ params }: Pick<LibvirtSettings, 'params'>): string {
  const pool = new Reader(params, 'params').text('pool')
  if (pool === undefined) throw badProperty('params.pool', 'it is missing')
  return pool
}

/** @throws Fault `libvirt.missing` */
export async function poolNamed(scene: Scene, hypervisor: Hypervisor, name: string): Promise<Pool> {
  const pool = await pools.find(scene, hypervisor, { name })
  if (pool === undefined) throw missing(hypervisor, 'pool', name)
  return pool
}

/** Files that came to be without libvirt are seen, too. undefined: there is none. */
export async function findVolume(
  { signal, world }: Pick<OperationContext, 'signal' | 'world'>,
  hypervisor: Hypervisor,
  pool: Pool,
  name: string,
): Promise<Volume | undefined> {
  const look = () => hypervisor.call('STORAGE_VOL_LOOKUP_BY_NAME', { pool, name }, { signal }).catch(unlessGone)
  const found = await look()
  if (found) return found.vol
  await refreshPool({ signal, world }, hypervisor, pool)
  return (await look())?.vol
}

/** Running domains that have it open, also as what another disk rests on. */
export async function volumeUsers(scene: Scene, hypervisor: Hypervisor, vol: Volume): Promise<readonly string[]> {
  return runningUsers(scene, hypervisor, (domain) =>
    allAt(domain, 'devices/disk').some((disk) => {
      const sources = [...allAt(disk, 'source'), ...backingSources(disk)]
      return sources.some(
        ({ attributes: { file, dev, pool, volume } }) =>
          (file ?? dev) === vol.key || (pool === vol.pool && volume === vol.name),
      )
    }),
  )
}

function backingSources(disk: Parameters<typeof allAt>[0]): ReturnType<typeof allAt> {
  return allAt(disk, 'backingStore').flatMap((store) => [...allAt(store, 'source'), ...backingSources(store)])
}

export function unlessGone(thrown: unknown): undefined {
  if (hasCode(thrown, 'NO_STORAGE_VOL', 'NO_STORAGE_POOL')) return undefined
  throw thrown
}

// The server that a workflow is about: found by its exact name or its id, with what its snapshots hang on.
import { Fault } from '../../../kernel/fault.ts'
import type { Json } from '../../../kernel/json.ts'
import type { Cloud } from '../client/cloud.ts'
import { volumesOfServer } from '../server/attachments.ts'
import { firstIdOf } from '../server/replace.ts'
import { serverNamed } from '../server/server-of.ts'
import { bootsFromVolume, powerOf, serverOf, type Server } from '../server/server.ts'
import { stampOf } from './snapshot-names.ts'

/** As far as a workflow has to know it. */
export interface Instance {
  readonly [key: string]: Json
  readonly id: string
  readonly name: string
  readonly isRunning: boolean
  /** What it had before it was replaced for the first time: under that its snapshots are known. */
  readonly firstId: string
  /** The volume that it boots from; null: it has a disk of its own. */
  readonly rootVolume: string | null
  /** Those that its snapshots leave out. */
  readonly otherVolumes: readonly string[]
  /** The minute it was looked at. */
  readonly stamp: string
}

/** @throws Fault `openstack.ambiguous` */
export async function findInstance(cloud: Cloud, nameOrId: string): Promise<Instance | undefined> {
  try {
    return await instanceFrom(cloud, await serverNamed(cloud, nameOrId))
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'openstack.missing') return undefined
    throw thrown
  }
}

async function instanceFrom(cloud: Cloud, { id }: Server): Promise<Instance> {
  // Lists do not tell all.
  const server = await serverOf(cloud, id)
  const volumes = await volumesOfServer(cloud, server)
  const root = volumes.find(({ isRoot }) => isRoot)
  return {
    id,
    name: server.name,
    isRunning: powerOf(server) === 'running',
    firstId: firstIdOf(server),
    rootVolume: bootsFromVolume(server) ? (root?.volumeId ?? null) : null,
    otherVolumes: volumes.filter((one) => one !== root).map(({ volumeId, device }) => device ?? volumeId),
    stamp: stampOf(cloud.world.clock.now()),
  }
}

// Writes an image over a server's own disk: the server, its addresses and its ports stay.
import type { Cloud } from '../client/cloud.ts'
import type { Pace } from '../../http/wait.ts'
import { bring } from './power.ts'
import { actOn, newestCompute, serverOf, untilServer, type Server } from './server.ts'

/**
 * Resolves when it is as the image, in the state ACTIVE or SHUTOFF that it had before. May be called again.
 *
 * @throws Fault `openstack.*`
 */
export async function rebuildServer(cloud: Cloud, serverId: string, imageId: string, pace: Pace = {}): Promise<Server> {
  const { status } = await serverOf(cloud, serverId)
  // What sleeps cannot be rebuilt: what it had in memory would belong to another disk.
  if (status === 'SUSPENDED' || status === 'PAUSED') await bring(cloud, serverId, 'SHUTOFF', pace)
  // From 2.93 on also where the disk is a volume.
  const microversion = await cloud.bestVersion('compute', newestCompute)
  await actOn(cloud, serverId, { rebuild: { imageRef: imageId } }, { microversion })
  return untilServer(cloud, serverId, { wanted: ['ACTIVE', 'SHUTOFF'], ...pace })
}

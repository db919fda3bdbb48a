// Volumes of a server as Nova knows them, in the order of their devices, and which of them it boots from.
import { pathOf, type Cloud } from '../client/cloud.ts'
import { bootsFromVolume, newestCompute, type Server } from './server.ts'

export interface ServerVolume {
  readonly volumeId: string
  /** `/dev/vdb`; null: Nova does not say. */
  readonly device: string | null
  readonly tag: string | null
  readonly isDeletedWithServer: boolean
  readonly isRoot: boolean
}

interface Shown {
  readonly volumeId: string
  readonly device: string | null
  readonly tag?: string | null
  readonly delete_on_termination?: boolean
}

/** The one it boots from first. */
export async function volumesOfServer(cloud: Cloud, server: Server): Promise<readonly ServerVolume[]> {
  const { body } = await cloud.request<{ readonly volumeAttachments: readonly Shown[] }>({
    service: 'compute',
    method: 'GET',
    path: pathOf`/servers/${server.id}/os-volume_attachments`,
    microversion: await cloud.bestVersion('compute', newestCompute),
  })
  const sorted = body.volumeAttachments.toSorted(byDevice)
  const root = bootsFromVolume(server) ? rootOf(server, sorted) : undefined
  const volumes = sorted.map((one) => ({
    volumeId: one.volumeId,
    device: one.device ?? null,
    tag: one.tag ?? null,
    isDeletedWithServer: one.delete_on_termination ?? false,
    isRoot: one === root,
  }))
  return [...volumes.filter(({ isRoot }) => isRoot), ...volumes.filter(({ isRoot }) => !isRoot)]
}

// Nova does not tell what is booted from; its name for the device is shown to some, and the first device it is anyway.
function rootOf(server: Server, volumes: readonly Shown[]): Shown | undefined {
  const device = server['OS-EXT-SRV-ATTR:root_device_name']
  return volumes.find((one) => one.device !== null && one.device === device) ?? volumes[0]
}

/** `/dev/vdaa` comes after `/dev/vdz`. */
function byDevice(left: Shown, right: Shown): number {
  const [one, other] = [left.device ?? '~', right.device ?? '~']
  return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0)
}

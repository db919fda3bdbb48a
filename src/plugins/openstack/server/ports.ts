// Ports of a server taken off it and given to it, so that its addresses and security groups can go over to another. By
// Neutron where they are taken off: Nova would delete those that it has made itself.
import { Fault } from '../../../kernel/fault.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { notReached } from '../errors.ts'
import { until } from '../../http/wait.ts'
import type { ServerPort } from './definition.ts'

interface Port {
  readonly id: string
  readonly device_id: string
}

/** Resolves when none of them is held by the server any more. */
export async function freePorts(
  cloud: Cloud,
  serverId: string,
  ports: readonly Pick<ServerPort, 'id'>[],
): Promise<void> {
  for (const { id } of ports) {
    const port = await findPort(cloud, id)
    if (port === undefined || port.device_id !== serverId) continue
    await cloud.request({
      service: 'network',
      method: 'PUT',
      path: pathOf`/ports/${id}`,
      body: { port: { device_id: '', device_owner: '' } },
    })
  }
}

/** Those that are free. One that another server holds stays there. */
export async function givePorts(
  cloud: Cloud,
  serverId: string,
  ports: readonly Pick<ServerPort, 'id'>[],
): Promise<void> {
  for (const { id } of ports) {
    const port = await findPort(cloud, id)
    if (port === undefined || port.device_id !== '') continue
    try {
      await cloud.request({
        service: 'compute',
        method: 'POST',
        path: pathOf`/servers/${serverId}/os-interface`,
        body: { interfaceAttachment: { port_id: id } },
        // Nova answers when it is plugged.
        deadline: 300_000,
      })
    } catch (thrown) {
      // Its outcome is read back.
      if (!(thrown instanceof Fault) || thrown.effect === 'none') throw thrown
    }
    await until(cloud, () => findPort(cloud, id), {
      isDone: (now) => now?.device_id === serverId,
      late: (now, limit) =>
        notReached('port', id, { status: now?.device_id ? 'held by another' : 'free', wanted: 'attached', limit }),
    })
  }
}

export async function findPort(cloud: Cloud, id: string): Promise<Port | undefined> {
  const path = pathOf`/ports/${id}`
  return (await cloud.find<{ readonly port: Port }>({ service: 'network', path }))?.port
}

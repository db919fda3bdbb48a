// Ports of servers, as relationships in either direction: a port is given to a server, and taken from it, through Nova.
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { badProperty, errorState, missing, notReached } from '../errors.ts'
import { Reader } from '../reader.ts'
import { readThing, unlessGone } from '../resource/api.ts'
import { sceneOf } from '../resource/create.ts'
import type { Thing } from '../resource/kind.ts'
import { recordedId } from '../resource/record.ts'
import { until } from '../../http/wait.ts'
import { ports } from './ports.ts'

/** Runs on the server; its input names the port. */
export const attachPort = operation({
  run: (ctx, inputs) => attach(ctx, { server: recordedId(ctx), port: idIn(inputs, 'port_id') }),
})

/** Runs on the port; its input names the server. */
export const attachToServer = operation({
  run: (ctx, inputs) => attach(ctx, { server: idIn(inputs, 'device_id'), port: recordedId(ctx) }),
})

/** Runs on either of them. A port that another server holds by now is left with it. */
export const detachPort = operation({
  async run(ctx, inputs) {
    const port = idIn(inputs, 'port_id')
    const ends = [ctx.relationship?.source, ctx.relationship?.target, ctx].flatMap(
      (end) => (end && recordedId(end)) ?? [],
    )
    if (port === undefined) return
    const { cloud } = await sceneOf(ctx)
    const server = holderOf(await readThing(cloud, ports, port))
    if (server === undefined || !ends.includes(server)) return
    const request = {
      service: 'compute',
      method: 'DELETE',
      path: pathOf`/servers/${server}/os-interface/${port}`,
    } as const
    await cloud.request(request).catch(unlessGone)
    await until(cloud, () => readThing(cloud, ports, port), {
      isDone: (now) => holderOf(now) !== server,
      late: (now, limit) =>
        notReached(ports.word, port, { status: String(now?.['status']), wanted: 'free of its server', limit }),
    })
    ctx.log.info(`Server ${server} has let go of port ${port}`)
  },
})

async function attach(
  ctx: OperationContext,
  { server, port }: { readonly server: string | undefined; readonly port: string | undefined },
): Promise<void> {
  if (server === undefined || port === undefined) {
    throw badProperty(server === undefined ? 'device_id' : 'port_id', 'the other end has no id yet')
  }
  const { cloud } = await sceneOf(ctx)
  const now = await readThing(cloud, ports, port)
  if (now === undefined) throw missing(ports.word, port)
  // It was made with it.
  if (holderOf(now) === server) return
  await cloud.request({
    service: 'compute',
    method: 'POST',
    path: pathOf`/servers/${server}/os-interface`,
    body: { interfaceAttachment: { port_id: port } },
  })
  await requireHolder(cloud, port, server)
  ctx.log.info(`Server ${server} has port ${port}`)
}

async function requireHolder(cloud: Cloud, port: string, server: string): Promise<void> {
  const holder = holderOf(await readThing(cloud, ports, port))
  if (holder === server) return
  throw errorState(
    ports.word,
    port,
    '',
    `it was given to server ${server}, and the cloud shows it with ${holder ?? 'none'}`,
  )
}

function holderOf(port: Thing | undefined): string | undefined {
  return port && new Reader(port).text('device_id')
}

function idIn(inputs: JsonObject, name: string): string | undefined {
  return new Reader(inputs).text(name)
}

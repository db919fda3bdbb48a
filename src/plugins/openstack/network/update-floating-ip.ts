// operations.update of a floating address, and what leads it to a port by relationship: an empty `port_id` leads it nowhere.
import { operation } from '../../contract/operation.ts'
import { missing, notCreated } from '../errors.ts'
import { Reader } from '../reader.ts'
import { changeThing, readThing } from '../resource/api.ts'
import { sceneOf } from '../resource/create.ts'
import { argsIn } from '../resource/operations.ts'
import { recordedId, remember } from '../resource/record.ts'
import { floatingIps, leadTo } from './floating-ips.ts'

export const updateFloatingIp = operation({
  async run(ctx, inputs) {
    const { port_id: port, fixed_ip_address: fixed, ...rest } = argsIn(inputs, 'args')
    const id = recordedId(ctx)
    if (id === undefined) throw notCreated(floatingIps.word)
    const { cloud, settings } = await sceneOf(ctx)
    let floating = await readThing(cloud, floatingIps, id)
    // Who wants it to lead nowhere has that.
    if (floating === undefined && isNothing(port)) return
    if (floating === undefined) throw missing(floatingIps.word, id)
    if (Object.keys(rest).length > 0) floating = await changeThing(cloud, floatingIps, { id, change: rest })
    if (port !== undefined && !isNothing(port)) {
      const fixedIp = typeof fixed === 'string' && fixed !== '' ? fixed : undefined
      floating = await leadTo(cloud, floating, { port: new Reader({ port }, 'args').text('port') ?? '', fixedIp })
    } else if (port !== undefined && isFromSource(floating['port_id'], ctx.relationship?.source)) {
      floating = await leadTo(cloud, floating, null)
    }
    remember(ctx, floatingIps, floating, settings)
  },
})

// A relationship ends what it began: an address that leads elsewhere by now is left as it is.
function isFromSource(port: unknown, source: Parameters<typeof recordedId>[0] | undefined): boolean {
  return source === undefined || recordedId(source) === port
}

function isNothing(port: unknown): boolean {
  return port === undefined || port === null || port === ''
}

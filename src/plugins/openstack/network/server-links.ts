// What else hangs on the ports of a server: floating addresses that lead to it, and security groups that guard it.
import { Fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import type { Cloud } from '../client/cloud.ts'
import { badProperty, errorState, missing, notCreated } from '../errors.ts'
import { Reader } from '../reader.ts'
import { changeThing, listThings, readThing, thingsNamed } from '../resource/api.ts'
import { sceneOf } from '../resource/create.ts'
import { idOf, type Thing } from '../resource/kind.ts'
import { recordedId } from '../resource/record.ts'
import { floatingIps, leadTo } from './floating-ips.ts'
import { firstAddress, ports } from './ports.ts'

export const connectFloatingIp = operation({
  async run(ctx, inputs) {
    const { cloud, settings } = await sceneOf(ctx)
    const from = new Reader(inputs)
    const address = from.required('floating_ip', from.text)
    const floating = await floatingNamed(cloud, address)
    const own = await portsOf(cloud, serverOf(ctx))
    const holder = new Reader(floating).text('port_id')
    if (holder !== undefined && !own.some((port) => idOf(ports, port) === holder)) {
      throw badProperty('floating_ip', `${address} leads to port ${holder} already, which is not this server's`)
    }
    if (holder === undefined) await leadToOneOf(cloud, floating, candidates(own, from.text('fixed_ip')))
    const known = ctx.instance.runtimeProperties
    known['public_ip_address'] = address
    if (settings.options.boolean('use_public_ip') === true) known['ip'] = address
    ctx.log.info(`${address} leads to server ${serverOf(ctx)}`)
  },
})

export const disconnectFloatingIp = operation({
  async run(ctx, inputs) {
    const address = new Reader(inputs).text('floating_ip')
    const known = ctx.instance.runtimeProperties
    if (address !== undefined && recordedId(ctx) !== undefined) {
      const { cloud } = await sceneOf(ctx)
      const [floating] = await thingsNamed(cloud, floatingIps, address)
      const own = await portsOf(cloud, serverOf(ctx))
      const isOurs = floating !== undefined && own.some((port) => idOf(ports, port) === floating['port_id'])
      if (isOurs) {
        await leadTo(cloud, floating, null)
        ctx.log.info(`${address} leads to server ${serverOf(ctx)} no more`)
      }
    }
    if (known['public_ip_address'] === address) delete known['public_ip_address']
  },
})

export const connectSecurityGroup = operation({
  run: (ctx, inputs) => changeGroups(ctx, inputs, (groups, group) => [...new Set([...groups, group])]),
})

export const disconnectSecurityGroup = operation({
  async run(ctx, inputs) {
    if (recordedId(ctx) === undefined || new Reader(inputs).text('security_group_id') === undefined) return
    await changeGroups(ctx, inputs, (groups, group) => groups.filter((one) => one !== group))
  },
})

/** Nova's own call does the same to all ports, and tells nobody whether it did. */
async function changeGroups(
  ctx: OperationContext,
  inputs: JsonObject,
  changed: (groups: readonly string[], group: string) => readonly string[],
): Promise<void> {
  const from = new Reader(inputs)
  const group = from.required('security_group_id', from.text)
  const { cloud } = await sceneOf(ctx)
  const own = await portsOf(cloud, serverOf(ctx))
  if (own.length === 0) ctx.log.warning(`Server ${serverOf(ctx)} has no port that a security group could guard`)
  for (const port of own) {
    const id = idOf(ports, port)
    const groups = new Reader(port).texts('security_groups')
    const wanted = changed(groups, group)
    if (sameTexts(groups, wanted)) continue
    await changeThing(cloud, ports, { id, change: { security_groups: wanted.slice() } })
    const now = new Reader((await readThing(cloud, ports, id)) ?? {}).texts('security_groups')
    if (!sameTexts(now, wanted)) {
      throw errorState(ports.word, id, '', `its security groups are ${now.join(', ')} after we changed them`)
    }
  }
}

async function floatingNamed(cloud: Cloud, address: string): Promise<Thing> {
  const [found] = await thingsNamed(cloud, floatingIps, address)
  if (found === undefined) throw missing(floatingIps.word, address)
  return found
}

// A port in a network that no router joins with the outside is refused, and the next one may do.
async function leadToOneOf(
  cloud: Cloud,
  floating: Thing,
  targets: readonly { readonly port: string; readonly fixedIp?: string | undefined }[],
): Promise<void> {
  let refusal: unknown = badProperty('floating_ip', 'the server has no port that it could lead to')
  for (const target of targets) {
    try {
      await leadTo(cloud, floating, target)
      return
    } catch (thrown) {
      const isRefused =
        thrown instanceof Fault && ['openstack.bad_request', 'openstack.not_found'].includes(thrown.code)
      if (!isRefused) throw thrown
      refusal = thrown
    }
  }
  throw refusal
}

function candidates(own: readonly Thing[], fixedIp: string | undefined) {
  if (fixedIp === undefined) {
    return own.filter((port) => firstAddress(port)?.includes('.')).map((port) => ({ port: idOf(ports, port) }))
  }
  const holds = (port: Thing): boolean =>
    new Reader(port).list('fixed_ips').some((one) => one.text('ip_address') === fixedIp)
  return own.filter(holds).map((port) => ({ port: idOf(ports, port), fixedIp }))
}

async function portsOf(cloud: Cloud, server: string): Promise<readonly Thing[]> {
  const found: Thing[] = []
  for await (const port of listThings(cloud, ports, { device_id: server })) {
    if (port['device_id'] === server) found.push(port)
  }
  return found
}

function serverOf(ctx: OperationContext): string {
  const id = recordedId(ctx)
  if (id === undefined) throw notCreated('server')
  return id
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return left.toSorted().join() === right.toSorted().join()
}

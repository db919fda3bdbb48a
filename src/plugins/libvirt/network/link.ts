// The relationship of a domain to its network: when it is established, the domain has an address there, and says which.
import { formatDuration, seconds } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext, Subject } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import { accessOf } from '../access.ts'
import { hypervisorOf } from '../client/shared-hypervisors.ts'
import type { Domain, Network } from '../client/structs.ts'
import { addressOf } from '../domain/address.ts'
import { findDomain, knownUuid } from '../domain/domain-of.ts'
import { missing, notCreated } from '../errors.ts'
import { Reader } from '../reader.ts'
import { wanted } from '../resource/kind.ts'
import { settingsOfSubject, type LibvirtSettings } from '../settings.ts'
import { allAt, attributeAt } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { networks } from './kind.ts'

const usualPatience = seconds(600)

interface Connected {
  readonly hypervisor: Hypervisor
  readonly dom: Domain
  readonly net: Network
  readonly settings: LibvirtSettings
}

export const link = operation({
  async run(ctx) {
    const ends = endsOf(ctx)
    const connected = await connectedOf(ctx, ends)
    const macs = await macsOf(ctx, connected)
    if (macs.length === 0) {
      ctx.log.warning(`Domain ${connected.dom.name} has no interface in the network ${connected.net.name}`)
      return
    }
    const ip = await awaitAddress(ctx, connected, macs)
    if (ip === undefined) return
    ends.source.instance.runtimeProperties['ip'] = ip
    await ends.source.save()
    ctx.log.info(`Domain ${connected.dom.name} has the address ${ip} in the network ${connected.net.name}`)
  },
})

export const unlink = operation({
  async run(ctx) {
    const { source } = endsOf(ctx)
    delete source.instance.runtimeProperties['ip']
    await source.save()
  },
})

function endsOf({
  relationship,
  node,
  instance,
  save,
}: OperationContext): NonNullable<OperationContext['relationship']> {
  if (relationship) return relationship
  const itself = { node, instance, save }
  return { type: '', source: itself, target: itself }
}

async function connectedOf(
  ctx: OperationContext,
  { source, target }: { readonly source: Subject; readonly target: Subject },
): Promise<Connected> {
  const [settings, ofNetwork] = [settingsOfSubject(source), settingsOfSubject(target)]
  const hypervisor = hypervisorOf(ctx, settings.uri, await accessOf(ctx, settings))
  const [domain, network] = [
    wanted(settings.resourceId, knownUuid(source)),
    wanted(ofNetwork.resourceId, knownUuid(target)),
  ]
  if (Object.keys(domain).length === 0) throw notCreated('domain')
  if (Object.keys(network).length === 0) throw notCreated('network')
  const [dom, net] = await Promise.all([findDomain(ctx, hypervisor, domain), networks.find(ctx, hypervisor, network)])
  if (dom === undefined) throw missing(hypervisor, 'domain', domain.name ?? domain.uuid ?? '')
  if (net === undefined) throw missing(hypervisor, 'network', network.name ?? network.uuid ?? '')
  return { hypervisor, dom, net, settings }
}

async function macsOf(ctx: OperationContext, { hypervisor, dom, net }: Connected): Promise<readonly string[]> {
  const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom }, { signal: ctx.signal })
  return allAt(parseXml(xml, `domain '${dom.name}'`), 'devices/interface')
    .filter((one) => attributeAt(one, 'source', 'network') === net.name)
    .flatMap((one) => attributeAt(one, 'mac', 'address') ?? [])
}

/** undefined: it has none, and is not to have one. @throws Fault `libvirt.no_address` */
async function awaitAddress(
  ctx: OperationContext,
  connected: Connected,
  macs: readonly string[],
): Promise<string | undefined> {
  const { clock } = ctx.world
  const { settings, dom } = connected
  const isAwaited = new Reader(settings.params, 'params').boolean('wait_for_ip') ?? true
  const limit = isAwaited ? (settings.options.seconds('start_timeout') ?? usualPatience) : 0
  const end = clock.monotonic() + limit
  for (;;) {
    const ip = (await leaseOf(ctx, connected, macs)) ?? (await addressOf(ctx, connected))
    if (ip !== undefined || !isAwaited) return ip
    if (clock.monotonic() >= end)
      throw fault('libvirt.no_address', { details: { name: dom.name, limit: formatDuration(limit) } })
    await clock.sleep(seconds(1), ctx.signal)
  }
}

async function leaseOf(
  ctx: OperationContext,
  { hypervisor, net }: Connected,
  macs: readonly string[],
): Promise<string | undefined> {
  const { leases } = await hypervisor.call('NETWORK_GET_DHCP_LEASES', { net, mac: null }, { signal: ctx.signal })
  const own = leases.filter(({ mac }) => macs.includes(mac?.toLowerCase() ?? ''))
  const newest = own.toSorted((left, right) => Number(right.expiry - left.expiry))
  return (newest.find(({ type }) => type === 0) ?? newest[0])?.ip
}

// The address under which a domain can be reached, from whoever knows it: the network's leases, the agent, the host.
import type { OperationContext } from '../../contract/context.ts'
import { addressSources } from '../client/codes.ts'
import { hasCode } from '../client/errors.ts'
import type { ReturnsOf } from '../client/procedures.ts'
import { allAt } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import type { NodeDomain } from './domain-of.ts'

type Place = Pick<NodeDomain, 'hypervisor' | 'dom'>
type Interfaces = ReturnsOf<'DOMAIN_INTERFACE_ADDRESSES'>['ifaces']

/** Seconds until an agent that hangs is given up; without this it is waited for without end. */
const agentPatience = 3

/** undefined: nobody knows one yet. */
export async function addressOf(ctx: Pick<OperationContext, 'signal'>, place: Place): Promise<string | undefined> {
  for (const source of [addressSources.lease, addressSources.agent, addressSources.arp]) {
    const found = chosen(await interfacesFrom(ctx, place, source))
    if (found !== undefined) return found
  }
  return undefined
}

/** False: no address will ever appear. */
export async function hasInterfaces(
  ctx: Pick<OperationContext, 'signal'>,
  { hypervisor, dom }: Place,
): Promise<boolean> {
  const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom }, { signal: ctx.signal })
  return allAt(parseXml(xml, `domain '${dom.name}'`), 'devices/interface').length > 0
}

async function interfacesFrom(
  ctx: Pick<OperationContext, 'signal'>,
  place: Place,
  source: number,
): Promise<Interfaces> {
  const { hypervisor, dom } = place
  const { signal } = ctx
  try {
    if (source === addressSources.agent)
      await hypervisor.call('DOMAIN_AGENT_SET_RESPONSE_TIMEOUT', { dom, timeout: agentPatience }, { signal })
    return (await hypervisor.call('DOMAIN_INTERFACE_ADDRESSES', { dom, source }, { signal })).ifaces
  } catch (thrown) {
    // A source that cannot tell now, or never will: the next one is asked.
    if (hasCode(thrown, ...silent)) return []
    throw thrown
  }
}

const silent = [
  'NO_SUPPORT',
  'INTERNAL_ERROR',
  'OPERATION_INVALID',
  'OPERATION_FAILED',
  'OPERATION_UNSUPPORTED',
  'ARGUMENT_UNSUPPORTED',
  'CONFIG_UNSUPPORTED',
  'AGENT_UNRESPONSIVE',
  'AGENT_UNSYNCED',
  'AGENT_COMMAND_TIMEOUT',
  'AGENT_COMMAND_FAILED',
  'NO_NETWORK',
] as const

/** IPv4 before IPv6; none of the guest itself, and none that is valid on one link only. */
function chosen(interfaces: Interfaces): string | undefined {
  const all = interfaces.filter(({ name }) => name !== 'lo').flatMap(({ addrs }) => addrs)
  const usable = all.filter(({ addr }) => !/^(127\.|169\.254\.|0\.0\.0\.0$|::1?$|fe80:)/i.test(addr))
  return (usable.find(({ type }) => type === 0) ?? usable[0])?.addr
}

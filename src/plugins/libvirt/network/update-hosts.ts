// Changes the fixed addresses that a network gives out, while it goes on. Anything else of it needs a restart.
import type { OperationContext } from '../../contract/context.ts'
import { affect } from '../client/flags.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Network } from '../client/structs.ts'
import { leavesOf } from '../compare/leaves.ts'
import type { Change } from '../resource/kind.ts'
import { allAt, editAt, elementsOf, type XmlElement } from '../xml/element.ts'
import { writeXml } from '../xml/write.ts'

const commands = { delete: 2, addLast: 3 } as const
const dhcpHostSection = 4

/** False: more than such addresses is different, and nothing was done. */
export async function updateHosts(
  { signal }: Pick<OperationContext, 'signal'>,
  hypervisor: Hypervisor,
  { handle: net, from, to, isActive }: Change<Network>,
): Promise<boolean> {
  if (!isSame(withoutHosts(from), withoutHosts(to))) return false
  const flags = affect.config | (isActive ? affect.live : 0)
  const update = (command: number, parentIndex: number, host: XmlElement): Promise<unknown> => {
    const change = { net, command, section: dhcpHostSection, parentIndex, xml: writeXml(host), flags }
    return hypervisor.call('NETWORK_UPDATE', change, { signal })
  }
  const wanted = allAt(to, 'ip').map(hostsOf)
  for (const [index, hosts] of allAt(from, 'ip').map(hostsOf).entries()) {
    const [old, fresh] = [without(hosts, wanted[index] ?? []), without(wanted[index] ?? [], hosts)]
    // One address at a time is another's until that one is taken away.
    for (const host of old) await update(commands.delete, index, host)
    for (const host of fresh) await update(commands.addLast, index, host)
  }
  return true
}

const withoutHosts = (network: XmlElement): XmlElement => editAt(network, 'ip/dhcp/host', () => null)

const hostsOf = (ip: XmlElement): readonly XmlElement[] => allAt(ip, 'dhcp').flatMap((dhcp) => elementsOf(dhcp, 'host'))

const without = (some: readonly XmlElement[], others: readonly XmlElement[]): readonly XmlElement[] =>
  some.filter((one) => !others.some((other) => isSame(one, other)))

function isSame(left: XmlElement, right: XmlElement): boolean {
  const [some, others] = [leavesOf(left), leavesOf(right)]
  return some.size === others.size && [...some].every(([path, value]) => others.get(path) === value)
}

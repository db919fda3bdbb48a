// Answers about networks.
import { nothing, type Caller, type Handlers } from '../daemon/handlers.ts'
import { updateNetwork } from '../model/network-update.ts'
import type { Network } from '../model/networks.ts'
import { noNetwork } from '../model/vir-error.ts'

const find = (caller: Caller, net: { readonly uuid: string }): Network => {
  const found = [...caller.host.networks.all.values()].find(({ uuid }) => uuid === net.uuid)
  if (!found) throw noNetwork(net.uuid)
  return found
}

const reference = ({ name, uuid }: Network): { name: string; uuid: string } => ({ name, uuid })
const listFlags = { inactive: 1, active: 2 } as const

export const networkHandlers: Handlers = {
  CONNECT_LIST_ALL_NETWORKS: ({ flags }, { host }) => {
    const asked = flags & (listFlags.inactive | listFlags.active)
    const nets = [...host.networks.all.values()]
      .filter(({ isActive }) => asked === 0 || (asked & (isActive ? listFlags.active : listFlags.inactive)) !== 0)
      .map(reference)
    return { nets, ret: nets.length }
  },
  NETWORK_LOOKUP_BY_NAME: ({ name }, { host }) => ({ net: reference(host.networks.find(name)) }),
  NETWORK_LOOKUP_BY_UUID: ({ uuid }, caller) => ({ net: reference(find(caller, { uuid })) }),
  NETWORK_GET_XML_DESC: ({ net, flags }, caller) => ({
    xml: caller.host.networks.xml(find(caller, net), (flags & 1) !== 0),
  }),
  NETWORK_DEFINE_XML: ({ xml }, { host }) => ({ net: reference(host.networks.define(xml)) }),
  NETWORK_DEFINE_XML_FLAGS: ({ xml }, { host }) => ({ net: reference(host.networks.define(xml)) }),
  NETWORK_CREATE_XML: ({ xml }, { host }) => {
    const network = host.networks.define(xml, false)
    host.networks.start(network)
    return { net: reference(network) }
  },
  NETWORK_CREATE: ({ net }, caller) => {
    caller.host.networks.start(find(caller, net))
    return nothing
  },
  NETWORK_DESTROY: ({ net }, caller) => {
    caller.host.networks.stop(find(caller, net))
    return nothing
  },
  NETWORK_UNDEFINE: ({ net }, caller) => {
    caller.host.networks.undefine(find(caller, net))
    return nothing
  },
  NETWORK_IS_ACTIVE: ({ net }, caller) => ({ active: Number(find(caller, net).isActive) }),
  NETWORK_IS_PERSISTENT: ({ net }, caller) => ({ persistent: Number(find(caller, net).isPersistent) }),
  NETWORK_GET_AUTOSTART: ({ net }, caller) => ({ autostart: Number(find(caller, net).autostart) }),
  NETWORK_SET_AUTOSTART: ({ net, autostart }, caller) => {
    find(caller, net).autostart = autostart !== 0
    return nothing
  },
  NETWORK_GET_BRIDGE_NAME: ({ net }, caller) => ({ name: find(caller, net).bridge }),
  NETWORK_GET_DHCP_LEASES: ({ net, mac }, caller) => {
    const network = find(caller, net)
    const leases = network.leases
      .filter((lease) => mac === null || lease.mac.toLowerCase() === mac.toLowerCase())
      .map((lease) => ({
        iface: network.bridge,
        expiry: BigInt(Math.floor(Date.now() / 1000) + 3600),
        type: 0,
        mac: lease.mac,
        iaid: null,
        ip: lease.ip,
        prefix: 24,
        hostname: lease.hostname ?? null,
        clientid: null,
      }))
    return { leases, ret: leases.length }
  },
  NETWORK_UPDATE: ({ net, command, section, xml, flags }, caller) => {
    updateNetwork(find(caller, net), { command, section, xml }, flags)
    return nothing
  },
}

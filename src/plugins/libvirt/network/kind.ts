// Networks of a hypervisor, as far as they are like pools.
import { hasCode } from '../client/errors.ts'
import { networkXml } from '../client/flags.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Network } from '../client/structs.ts'
import type { ResourceKind, Scene } from '../resource/kind.ts'
import { runningUsers } from '../resource/users.ts'
import { allAt } from '../xml/element.ts'
import { describeNetwork } from './describe.ts'
import { updateHosts } from './update-hosts.ts'

export const networks: ResourceKind<Network> = {
  word: 'network',
  passing: ['/network/@connections', '/network/forward/interface/@connections'],
  async find({ signal }, hypervisor, { name, uuid }) {
    const looked =
      uuid === undefined
        ? hypervisor.call('NETWORK_LOOKUP_BY_NAME', { name: name ?? '' }, { signal })
        : hypervisor.call('NETWORK_LOOKUP_BY_UUID', { uuid }, { signal })
    return (await looked.catch(unlessGone))?.net
  },
  async read({ signal }, hypervisor, net) {
    const [{ xml }, { active }, { autostart }] = await Promise.all([
      hypervisor.call('NETWORK_GET_XML_DESC', { net, flags: networkXml.inactive }, { signal }),
      hypervisor.call('NETWORK_IS_ACTIVE', { net }, { signal }),
      autostartOf({ signal }, hypervisor, net),
    ])
    return { xml, isActive: active === 1, isAutostart: autostart === 1 }
  },
  async define({ signal }, hypervisor, xml) {
    return (await hypervisor.call('NETWORK_DEFINE_XML', { xml }, { signal })).net
  },
  async start({ signal }, hypervisor, net) {
    await hypervisor.call('NETWORK_CREATE', { net }, { signal }).catch(unlessDone)
  },
  async stop({ signal }, hypervisor, net) {
    await hypervisor.call('NETWORK_DESTROY', { net }, { signal }).catch(unlessDone)
  },
  async setAutostart({ signal }, hypervisor, net, isAutostart) {
    await hypervisor.call('NETWORK_SET_AUTOSTART', { net, autostart: isAutostart ? 1 : 0 }, { signal })
  },
  describe: describeNetwork,
  change: updateHosts,
  users: (scene, hypervisor, { name }) =>
    runningUsers(scene, hypervisor, (domain) =>
      allAt(domain, 'devices/interface/source').some(({ attributes }) => attributes['network'] === name),
    ),
}

// One that is not persistent cannot have it, and says so.
async function autostartOf(
  { signal }: Scene,
  hypervisor: Hypervisor,
  net: Network,
): Promise<{ readonly autostart: number }> {
  return hypervisor.call('NETWORK_GET_AUTOSTART', { net }, { signal }).catch((thrown: unknown) => {
    if (hasCode(thrown, 'OPERATION_INVALID')) return { autostart: 0 }
    throw thrown
  })
}

function unlessGone(thrown: unknown): undefined {
  if (hasCode(thrown, 'NO_NETWORK')) return undefined
  throw thrown
}

// Running, or stopped, already.
function unlessDone(thrown: unknown): undefined {
  if (hasCode(thrown, 'OPERATION_INVALID')) return undefined
  throw thrown
}

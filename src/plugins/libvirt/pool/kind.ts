// Storage pools of a hypervisor, as far as they are like networks.
import { hasCode } from '../client/errors.ts'
import { networkXml } from '../client/flags.ts'
import type { Pool } from '../client/structs.ts'
import type { ResourceKind } from '../resource/kind.ts'
import { runningUsers } from '../resource/users.ts'
import { allAt, textAt } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { describePool } from './describe.ts'

export const pools: ResourceKind<Pool> = {
  word: 'pool',
  // How full it is, and what the folder has when nobody asked for more.
  passing: ['/pool/capacity', '/pool/allocation', '/pool/available', '/pool/target/permissions', '/pool/source'],
  async find({ signal }, hypervisor, { name, uuid }) {
    const looked =
      uuid === undefined
        ? hypervisor.call('STORAGE_POOL_LOOKUP_BY_NAME', { name: name ?? '' }, { signal })
        : hypervisor.call('STORAGE_POOL_LOOKUP_BY_UUID', { uuid }, { signal })
    return (await looked.catch(unlessGone))?.pool
  },
  async read({ signal }, hypervisor, pool) {
    const [{ xml }, { active }, { autostart }] = await Promise.all([
      hypervisor.call('STORAGE_POOL_GET_XML_DESC', { pool, flags: networkXml.inactive }, { signal }),
      hypervisor.call('STORAGE_POOL_IS_ACTIVE', { pool }, { signal }),
      hypervisor.call('STORAGE_POOL_GET_AUTOSTART', { pool }, { signal }),
    ])
    return { xml, isActive: active === 1, isAutostart: autostart === 1 }
  },
  async define({ signal }, hypervisor, xml) {
    return (await hypervisor.call('STORAGE_POOL_DEFINE_XML', { xml }, { signal })).pool
  },
  async start({ signal }, hypervisor, pool) {
    await hypervisor.call('STORAGE_POOL_CREATE', { pool }, { signal }).catch(unlessDone)
  },
  async stop({ signal }, hypervisor, pool) {
    await hypervisor.call('STORAGE_POOL_DESTROY', { pool }, { signal }).catch(unlessDone)
  },
  async setAutostart({ signal }, hypervisor, pool, isAutostart) {
    await hypervisor.call('STORAGE_POOL_SET_AUTOSTART', { pool, autostart: isAutostart ? 1 : 0 }, { signal })
  },
  describe: describePool,
  change: async () => false,
  async users(scene, hypervisor, pool) {
    const { xml } = await hypervisor.call('STORAGE_POOL_GET_XML_DESC', { pool }, { signal: scene.signal })
    const folder = `${textAt(parseXml(xml, `the pool '${pool.name}'`), 'target/path') ?? ''}/`
    return runningUsers(scene, hypervisor, (domain) =>
      allAt(domain, 'devices/disk/source').some(
        ({ attributes: { file, dev, pool: used } }) => used === pool.name || (file ?? dev ?? '').startsWith(folder),
      ),
    )
  },
}

function unlessGone(thrown: unknown): undefined {
  if (hasCode(thrown, 'NO_STORAGE_POOL')) return undefined
  throw thrown
}

// Running, or stopped, already.
function unlessDone(thrown: unknown): undefined {
  if (hasCode(thrown, 'OPERATION_INVALID')) return undefined
  throw thrown
}

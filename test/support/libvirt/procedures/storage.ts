// Answers about pools and volumes.
import { nothing, type Caller, type Handlers } from '../daemon/handlers.ts'
import { Download, Upload } from '../daemon/server-stream.ts'
import type { Pool, Volume } from '../model/storage.ts'
import { noPool } from '../model/vir-error.ts'

const find = (caller: Caller, pool: { readonly uuid: string }): Pool => {
  const found = [...caller.host.storage.pools.values()].find(({ uuid }) => uuid === pool.uuid)
  if (!found) throw noPool(pool.uuid)
  return found
}

/** By pool and name, as the daemon does. */
const volumeOf = ({ host }: Caller, vol: { readonly pool: string; readonly name: string }): Volume =>
  host.storage.volume(host.storage.pool(vol.pool), vol.name)

const reference = ({ name, uuid }: Pool): { name: string; uuid: string } => ({ name, uuid })
const listFlags = { inactive: 1, active: 2 } as const
const buildFlags = { build: 1 } as const

const pools: Handlers = {
  CONNECT_LIST_ALL_STORAGE_POOLS: ({ flags }, { host }) => {
    const asked = flags & (listFlags.inactive | listFlags.active)
    const found = [...host.storage.pools.values()]
      .filter(({ isActive }) => asked === 0 || (asked & (isActive ? listFlags.active : listFlags.inactive)) !== 0)
      .map(reference)
    return { pools: found, ret: found.length }
  },
  STORAGE_POOL_LOOKUP_BY_NAME: ({ name }, { host }) => ({ pool: reference(host.storage.pool(name)) }),
  STORAGE_POOL_LOOKUP_BY_UUID: ({ uuid }, caller) => ({ pool: reference(find(caller, { uuid })) }),
  STORAGE_POOL_LOOKUP_BY_VOLUME: ({ vol }, { host }) => ({ pool: reference(host.storage.pool(vol.pool)) }),
  STORAGE_POOL_LOOKUP_BY_TARGET_PATH: ({ path }, { host }) => {
    const found = [...host.storage.pools.values()].find(
      (pool) => pool.isActive && pool.path === path.replace(/\/+$/, ''),
    )
    if (!found) throw noPool(path)
    return { pool: reference(found) }
  },
  STORAGE_POOL_GET_XML_DESC: ({ pool }, caller) => ({ xml: caller.host.storage.poolXml(find(caller, pool)) }),
  STORAGE_POOL_GET_INFO: ({ pool }, caller) => {
    const found = find(caller, pool)
    const { capacity, allocation, available } = caller.host.storage.poolInfo(found)
    return {
      state: found.isActive ? 2 : 0,
      capacity: BigInt(capacity),
      allocation: BigInt(allocation),
      available: BigInt(available),
    }
  },
  STORAGE_POOL_REFRESH: ({ pool }, caller) => {
    caller.host.storage.refresh(find(caller, pool))
    return nothing
  },
  STORAGE_POOL_DEFINE_XML: ({ xml }, { host }) => ({ pool: reference(host.storage.define(xml)) }),
  STORAGE_POOL_BUILD: ({ pool }, caller) => {
    caller.host.storage.build(find(caller, pool))
    return nothing
  },
  STORAGE_POOL_CREATE: ({ pool, flags }, caller) => {
    const found = find(caller, pool)
    if ((flags & buildFlags.build) !== 0) caller.host.storage.build(found)
    caller.host.storage.start(found)
    return nothing
  },
  STORAGE_POOL_CREATE_XML: ({ xml, flags }, { host }) => {
    const pool = host.storage.define(xml, false)
    if ((flags & buildFlags.build) !== 0) host.storage.build(pool)
    try {
      host.storage.start(pool)
    } catch (thrown) {
      host.storage.undefine(pool)
      throw thrown
    }
    return { pool: reference(pool) }
  },
  STORAGE_POOL_DESTROY: ({ pool }, caller) => {
    caller.host.storage.stop(find(caller, pool))
    return nothing
  },
  STORAGE_POOL_DELETE: ({ pool }, caller) => {
    caller.host.storage.delete(find(caller, pool))
    return nothing
  },
  STORAGE_POOL_UNDEFINE: ({ pool }, caller) => {
    caller.host.storage.undefine(find(caller, pool))
    return nothing
  },
  STORAGE_POOL_IS_ACTIVE: ({ pool }, caller) => ({ active: Number(find(caller, pool).isActive) }),
  STORAGE_POOL_IS_PERSISTENT: ({ pool }, caller) => ({ persistent: Number(find(caller, pool).isPersistent) }),
  STORAGE_POOL_GET_AUTOSTART: ({ pool }, caller) => ({ autostart: Number(find(caller, pool).autostart) }),
  STORAGE_POOL_SET_AUTOSTART: ({ pool, autostart }, caller) => {
    find(caller, pool).autostart = autostart !== 0
    return nothing
  },
  STORAGE_POOL_LIST_ALL_VOLUMES: ({ pool }, caller) => {
    const vols = caller.host.storage.volumes(find(caller, pool))
    return { vols, ret: vols.length }
  },
}

const volumes: Handlers = {
  STORAGE_VOL_LOOKUP_BY_NAME: ({ pool, name }, caller) => ({
    vol: caller.host.storage.volume(find(caller, pool), name),
  }),
  STORAGE_VOL_LOOKUP_BY_KEY: ({ key }, { host }) => ({ vol: host.storage.volumeByPath(key) }),
  STORAGE_VOL_LOOKUP_BY_PATH: ({ path }, { host }) => ({ vol: host.storage.volumeByPath(path) }),
  STORAGE_VOL_GET_XML_DESC: ({ vol }, caller) => ({ xml: caller.host.storage.volumeXml(volumeOf(caller, vol)) }),
  STORAGE_VOL_GET_INFO: ({ vol }, caller) => {
    const { capacity, allocation } = caller.host.storage.info(volumeOf(caller, vol))
    return { type: 0, capacity: BigInt(capacity), allocation: BigInt(allocation) }
  },
  STORAGE_VOL_GET_INFO_FLAGS: ({ vol, flags }, caller) => {
    const { capacity, allocation, physical } = caller.host.storage.info(volumeOf(caller, vol))
    return { type: 0, capacity: BigInt(capacity), allocation: BigInt((flags & 1) !== 0 ? physical : allocation) }
  },
  STORAGE_VOL_GET_PATH: ({ vol }, caller) => ({ name: volumeOf(caller, vol).key }),
  STORAGE_VOL_CREATE_XML: ({ pool, xml }, caller) => ({ vol: caller.host.storage.create(find(caller, pool), xml) }),
  STORAGE_VOL_CREATE_XML_FROM: ({ pool, xml, clonevol }, caller) => ({
    vol: caller.host.storage.create(find(caller, pool), xml, volumeOf(caller, clonevol)),
  }),
  STORAGE_VOL_DELETE: ({ vol }, caller) => {
    caller.host.storage.remove(volumeOf(caller, vol))
    return nothing
  },
  STORAGE_VOL_RESIZE: ({ vol, capacity }, caller) => {
    caller.host.storage.resize(volumeOf(caller, vol), Number(capacity))
    return nothing
  },
  STORAGE_VOL_WIPE: ({ vol }, caller) => {
    caller.host.storage.wipe(volumeOf(caller, vol))
    return nothing
  },
  STORAGE_VOL_UPLOAD: ({ vol, offset, length }, caller) => {
    const { key } = volumeOf(caller, vol)
    caller.stream(new Upload(key, Number(offset), Number(length), () => caller.host.mustHaveRoom(key)))
    return nothing
  },
  STORAGE_VOL_DOWNLOAD: ({ vol, offset, length }, caller) => {
    caller.stream(new Download(volumeOf(caller, vol).key, Number(offset), Number(length)))
    return nothing
  },
}

export const storageHandlers: Handlers = { ...pools, ...volumes }

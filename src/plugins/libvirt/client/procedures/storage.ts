// Procedures of pools and volumes. Upload and download begin a stream.
import { pool, volume } from '../structs.ts'
import { i32, short, str, u64, uuid, withDefault } from '../xdr.ts'
import { change, flags, listed, needResults, read, slowChange, slowRead } from './declare.ts'

const vol = volume
const offset = withDefault(u64, 0n)
/** 0: no limit, or to the end. */
const length = withDefault(u64, 0n)

const poolProcedures = {
  CONNECT_LIST_ALL_STORAGE_POOLS: read(281, { needResults, flags }, listed('pools', pool)),
  STORAGE_POOL_LOOKUP_BY_NAME: read(84, { name: str }, { pool }),
  STORAGE_POOL_LOOKUP_BY_UUID: read(85, { uuid }, { pool }),
  STORAGE_POOL_LOOKUP_BY_VOLUME: read(86, { vol }, { pool }),
  STORAGE_POOL_LOOKUP_BY_TARGET_PATH: read(391, { path: str }, { pool }),
  STORAGE_POOL_GET_XML_DESC: read(88, { pool, flags }, { xml: str }),
  /** Bytes. */
  STORAGE_POOL_GET_INFO: read(87, { pool }, { state: short, capacity: u64, allocation: u64, available: u64 }),
  STORAGE_POOL_REFRESH: slowChange(83, { pool, flags }),
  STORAGE_POOL_DEFINE_XML: change(77, { xml: str, flags }, { pool }),
  STORAGE_POOL_BUILD: slowChange(79, { pool, flags }),
  STORAGE_POOL_CREATE: slowChange(78, { pool, flags }),
  STORAGE_POOL_CREATE_XML: slowChange(76, { xml: str, flags }, { pool }),
  STORAGE_POOL_DESTROY: slowChange(80, { pool }),
  STORAGE_POOL_DELETE: slowChange(81, { pool, flags }),
  STORAGE_POOL_UNDEFINE: change(82, { pool }),
  STORAGE_POOL_IS_ACTIVE: read(154, { pool }, { active: i32 }),
  STORAGE_POOL_IS_PERSISTENT: read(155, { pool }, { persistent: i32 }),
  STORAGE_POOL_GET_AUTOSTART: read(89, { pool }, { autostart: i32 }),
  STORAGE_POOL_SET_AUTOSTART: change(90, { pool, autostart: i32 }),
  STORAGE_POOL_LIST_ALL_VOLUMES: read(282, { pool, needResults, flags }, listed('vols', volume)),
} as const

const volumeProcedures = {
  STORAGE_VOL_LOOKUP_BY_NAME: read(95, { pool, name: str }, { vol }),
  STORAGE_VOL_LOOKUP_BY_KEY: read(96, { key: str }, { vol }),
  STORAGE_VOL_LOOKUP_BY_PATH: read(97, { path: str }, { vol }),
  STORAGE_VOL_GET_XML_DESC: read(99, { vol, flags }, { xml: str }),
  STORAGE_VOL_GET_INFO: read(98, { vol }, { type: short, capacity: u64, allocation: u64 }),
  STORAGE_VOL_GET_INFO_FLAGS: read(378, { vol, flags }, { type: short, capacity: u64, allocation: u64 }),
  STORAGE_VOL_GET_PATH: read(100, { vol }, { name: str }),
  STORAGE_VOL_CREATE_XML: slowChange(93, { pool, xml: str, flags }, { vol }),
  STORAGE_VOL_CREATE_XML_FROM: slowChange(125, { pool, xml: str, clonevol: volume, flags }, { vol }),
  STORAGE_VOL_DELETE: slowChange(94, { vol, flags }),
  STORAGE_VOL_RESIZE: slowChange(260, { vol, capacity: u64, flags }),
  STORAGE_VOL_WIPE: slowChange(165, { vol, flags }),
  STORAGE_VOL_UPLOAD: slowChange(208, { vol, offset, length, flags }),
  STORAGE_VOL_DOWNLOAD: slowRead(209, { vol, offset, length, flags }),
} as const

export const storageProcedures = { ...poolProcedures, ...volumeProcedures } as const

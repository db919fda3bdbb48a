// Procedures of the connection itself and of the host.
import { counter, parameters } from '../structs.ts'
import { chars, i32, list, nullable, str, u64 } from '../xdr.ts'
import { change, flags, read } from './declare.ts'

export const connectionProcedures = {
  AUTH_LIST: read(66, {}, { types: list(i32, 20) }),
  AUTH_POLKIT: read(70, {}, { complete: i32 }),
  CONNECT_OPEN: change(1, { name: nullable(str), flags }),
  CONNECT_CLOSE: change(2, {}),
  CONNECT_GET_TYPE: read(3, {}, { type: str }),
  CONNECT_GET_VERSION: read(4, {}, { hvVer: u64 }),
  CONNECT_GET_LIB_VERSION: read(157, {}, { libVer: u64 }),
  CONNECT_GET_HOSTNAME: read(59, {}, { hostname: str }),
  CONNECT_GET_URI: read(110, {}, { uri: str }),
  CONNECT_GET_CAPABILITIES: read(7, {}, { capabilities: str }),
  CONNECT_GET_DOMAIN_CAPABILITIES: read(
    342,
    { emulatorbin: nullable(str), arch: nullable(str), machine: nullable(str), virttype: nullable(str), flags },
    { capabilities: str },
  ),
  CONNECT_IS_SECURE: read(149, {}, { secure: i32 }),
  CONNECT_SUPPORTS_FEATURE: read(60, { feature: i32 }, { supported: i32 }),
  CONNECT_GET_SYSINFO: read(203, { flags }, { sysinfo: str }),
  CONNECT_SET_IDENTITY: change(419, { params: parameters, flags }),

  /** Memory in KiB. */
  NODE_GET_INFO: read(
    6,
    {},
    {
      model: chars(32),
      memory: u64,
      cpus: i32,
      mhz: i32,
      nodes: i32,
      sockets: i32,
      cores: i32,
      threads: i32,
    },
  ),
  /** Bytes. */
  NODE_GET_FREE_MEMORY: read(102, {}, { freeMem: u64 }),
  NODE_GET_CELLS_FREE_MEMORY: read(101, { startCell: i32, maxcells: i32 }, { cells: list(u64, 1024) }),
  /** `nparams` 0 asks for the count, then exactly that count; `cpuNum` -1: all. Nanoseconds. */
  NODE_GET_CPU_STATS: read(227, { cpuNum: i32, nparams: i32, flags }, { params: list(counter, 16), nparams: i32 }),
  /** As for CPUs; `cellNum` -1: all. KiB. */
  NODE_GET_MEMORY_STATS: read(228, { nparams: i32, cellNum: i32, flags }, { params: list(counter, 16), nparams: i32 }),
} as const

/** Numbers of CONNECT_SUPPORTS_FEATURE. Asking for keepalive begins it. */
export const features = { typedStrings: 9, keepalive: 10, callbackIds: 14, closeCallback: 15 } as const

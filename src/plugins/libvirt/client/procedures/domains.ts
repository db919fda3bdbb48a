// Procedures of domains: finding and reading them, their figures, running and stopping them.
import { diskError, domain, domainStats, memoryStat, networkInterface, parameters, vcpuInfo } from '../structs.ts'
import { i32, i64, list, nullable, opaque, short, str, u32, u64, uuid } from '../xdr.ts'
import { change, flags, listed, needResults, read, slowChange, slowRead } from './declare.ts'

const dom = domain

const reading = {
  CONNECT_LIST_ALL_DOMAINS: read(273, { needResults, flags }, listed('domains', domain)),
  DOMAIN_LOOKUP_BY_NAME: read(23, { name: str }, { dom }),
  DOMAIN_LOOKUP_BY_UUID: read(24, { uuid }, { dom }),
  DOMAIN_LOOKUP_BY_ID: read(22, { id: i32 }, { dom }),
  DOMAIN_GET_STATE: read(212, { dom, flags }, { state: i32, reason: i32 }),
  /** KiB and nanoseconds. */
  DOMAIN_GET_INFO: read(16, { dom }, { state: short, maxMem: u64, memory: u64, nrVirtCpu: short, cpuTime: u64 }),
  DOMAIN_GET_XML_DESC: read(14, { dom, flags }, { xml: str }),
  DOMAIN_IS_ACTIVE: read(150, { dom }, { active: i32 }),
  DOMAIN_IS_PERSISTENT: read(151, { dom }, { persistent: i32 }),
  DOMAIN_IS_UPDATED: read(202, { dom }, { updated: i32 }),
  DOMAIN_GET_AUTOSTART: read(15, { dom }, { autostart: i32 }),
  DOMAIN_GET_CONTROL_INFO: read(229, { dom, flags }, { state: u32, details: u32, stateTime: u64 }),
  DOMAIN_GET_DISK_ERRORS: read(263, { dom, maxerrors: u32, flags }, { errors: list(diskError, 256), nerrors: i32 }),
  DOMAIN_GET_MESSAGES: read(426, { dom, flags }, { msgs: list(str, 2048) }),
  /** `type` 2: the element with that uri. */
  DOMAIN_GET_METADATA: read(265, { dom, type: i32, uri: nullable(str), flags }, { metadata: str }),
  DOMAIN_HAS_MANAGED_SAVE_IMAGE: read(183, { dom, flags }, { result: i32 }),
  DOMAIN_MANAGED_SAVE_GET_XML_DESC: read(388, { dom, flags }, { xml: str }),
  DOMAIN_SAVE_IMAGE_GET_XML_DESC: read(235, { file: str, flags }, { xml: str }),
} as const

const figures = {
  DOMAIN_GET_VCPUS: read(20, { dom, maxinfo: i32, maplen: i32 }, { info: list(vcpuInfo), cpumaps: opaque }),
  DOMAIN_MEMORY_STATS: slowRead(159, { dom, maxStats: u32, flags }, { stats: list(memoryStat, 1024) }),
  DOMAIN_SET_MEMORY_STATS_PERIOD: slowChange(308, { dom, period: i32, flags }),
  /** Bytes. */
  DOMAIN_GET_BLOCK_INFO: slowRead(194, { dom, path: str, flags }, { allocation: u64, capacity: u64, physical: u64 }),
  DOMAIN_BLOCK_STATS: slowRead(
    64,
    { dom, path: str },
    { rdReq: i64, rdBytes: i64, wrReq: i64, wrBytes: i64, errs: i64 },
  ),
  DOMAIN_BLOCK_STATS_FLAGS: slowRead(
    243,
    { dom, path: str, nparams: i32, flags },
    { params: parameters, nparams: i32 },
  ),
  DOMAIN_INTERFACE_STATS: read(
    65,
    { dom, device: str },
    {
      rxBytes: i64,
      rxPackets: i64,
      rxErrs: i64,
      rxDrop: i64,
      txBytes: i64,
      txPackets: i64,
      txErrs: i64,
      txDrop: i64,
    },
  ),
  /** `source` 0 lease, 1 agent, 2 arp. */
  DOMAIN_INTERFACE_ADDRESSES: slowRead(353, { dom, source: u32, flags }, { ifaces: list(networkInterface, 2048) }),
  /** No domains named: all. With flag `nowait` it waits for no job. */
  CONNECT_GET_ALL_DOMAIN_STATS: slowRead(
    344,
    { doms: list(domain), stats: u32, flags },
    { retStats: list(domainStats, 262_144) },
  ),
} as const

const defining = {
  DOMAIN_DEFINE_XML: change(11, { xml: str }, { dom }),
  DOMAIN_DEFINE_XML_FLAGS: change(350, { xml: str, flags }, { dom }),
  DOMAIN_UNDEFINE: change(35, { dom }),
  DOMAIN_UNDEFINE_FLAGS: change(231, { dom, flags }),
  DOMAIN_RENAME: slowChange(358, { dom, newName: nullable(str), flags }, { retcode: i32 }),
  DOMAIN_SET_AUTOSTART: slowChange(29, { dom, autostart: i32 }),
  DOMAIN_SET_METADATA: slowChange(264, {
    dom,
    type: i32,
    metadata: nullable(str),
    key: nullable(str),
    uri: nullable(str),
    flags,
  }),
  /** KiB. Flag 4: the most that it may have. */
  DOMAIN_SET_MEMORY_FLAGS: slowChange(204, { dom, memory: u64, flags }),
  /** Flag 4: the most that it may have. */
  DOMAIN_SET_VCPUS_FLAGS: slowChange(199, { dom, nvcpus: u32, flags }),
  DOMAIN_ATTACH_DEVICE_FLAGS: slowChange(160, { dom, xml: str, flags }),
  DOMAIN_DETACH_DEVICE_FLAGS: slowChange(161, { dom, xml: str, flags }),
  DOMAIN_UPDATE_DEVICE_FLAGS: slowChange(174, { dom, xml: str, flags }),
} as const

const running = {
  DOMAIN_SUSPEND: slowChange(34, { dom }),
  DOMAIN_RESUME: slowChange(28, { dom }),
  DOMAIN_CREATE: slowChange(9, { dom }),
  DOMAIN_CREATE_WITH_FLAGS: slowChange(196, { dom, flags }, { dom }),
  DOMAIN_CREATE_XML: slowChange(10, { xml: str, flags }, { dom }),
  DOMAIN_SHUTDOWN: slowChange(33, { dom }),
  DOMAIN_SHUTDOWN_FLAGS: slowChange(258, { dom, flags }),
  DOMAIN_REBOOT: slowChange(27, { dom, flags }),
  DOMAIN_RESET: slowChange(245, { dom, flags }),
  DOMAIN_DESTROY: slowChange(12, { dom }),
  DOMAIN_DESTROY_FLAGS: slowChange(234, { dom, flags }),
  /** `target` 0 memory, 1 disk, 2 both; by the agent. */
  DOMAIN_PM_SUSPEND_FOR_DURATION: slowChange(261, { dom, target: u32, duration: u64, flags }),
  DOMAIN_PM_WAKEUP: slowChange(267, { dom, flags }),
} as const

const saving = {
  DOMAIN_MANAGED_SAVE: slowChange(182, { dom, flags }),
  DOMAIN_MANAGED_SAVE_REMOVE: change(184, { dom, flags }),
  DOMAIN_MANAGED_SAVE_DEFINE_XML: change(389, { dom, dxml: nullable(str), flags }),
  DOMAIN_SAVE: slowChange(55, { dom, to: str }),
  DOMAIN_SAVE_FLAGS: slowChange(232, { dom, to: str, dxml: nullable(str), flags }),
  DOMAIN_SAVE_PARAMS: slowChange(440, { dom, params: parameters, flags }),
  DOMAIN_RESTORE: slowChange(54, { from: str }),
  DOMAIN_RESTORE_FLAGS: slowChange(233, { from: str, dxml: nullable(str), flags }),
  DOMAIN_RESTORE_PARAMS: slowChange(441, { params: parameters, flags }),
  DOMAIN_SAVE_IMAGE_DEFINE_XML: change(236, { file: str, dxml: str, flags }),
  DOMAIN_CORE_DUMP: slowChange(53, { dom, to: str, flags }),
  DOMAIN_CORE_DUMP_WITH_FORMAT: slowChange(334, { dom, to: str, dumpformat: u32, flags }),
} as const

export const domainProcedures = { ...reading, ...figures, ...defining, ...running, ...saving } as const

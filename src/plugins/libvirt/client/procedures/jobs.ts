// Procedures of a domain's jobs and of those of its disks.
import { domain, parameters } from '../structs.ts'
import { i32, nullable, opaque, str, u32, u64, withDefault } from '../xdr.ts'
import { change, flags, qemuCommand, read, slowChange, slowRead } from './declare.ts'

const dom = domain
/** MiB/s, or bytes/s with the flag for it; 0: no limit. */
const bandwidth = withDefault(u64, 0n)

export const jobProcedures = {
  DOMAIN_GET_JOB_INFO: read(
    163,
    { dom },
    {
      type: i32,
      timeElapsed: u64,
      timeRemaining: u64,
      dataTotal: u64,
      dataProcessed: u64,
      dataRemaining: u64,
      memTotal: u64,
      memProcessed: u64,
      memRemaining: u64,
      fileTotal: u64,
      fileProcessed: u64,
      fileRemaining: u64,
    },
  ),
  /** A completed job is told once, unless asked to be kept. */
  DOMAIN_GET_JOB_STATS: change(298, { dom, flags }, { type: i32, params: parameters }),
  DOMAIN_ABORT_JOB: change(164, { dom }),
  DOMAIN_ABORT_JOB_FLAGS: change(442, { dom, flags }),

  DOMAIN_BLOCK_COMMIT: slowChange(290, {
    dom,
    disk: str,
    base: nullable(str),
    top: nullable(str),
    bandwidth,
    flags,
  }),
  DOMAIN_BLOCK_PULL: slowChange(240, { dom, path: str, bandwidth, flags }),
  DOMAIN_BLOCK_COPY: slowChange(345, { dom, path: str, destxml: str, params: parameters, flags }),
  DOMAIN_BLOCK_REBASE: slowChange(266, { dom, path: str, base: nullable(str), bandwidth, flags }),
  /** `cur` equal to `end` does not make it ready. */
  DOMAIN_GET_BLOCK_JOB_INFO: slowRead(
    238,
    { dom, path: str, flags },
    { found: i32, type: i32, bandwidth: u64, cur: u64, end: u64 },
  ),
  /** JSON both ways, errors among it. The domain counts as tampered with until it is started anew. */
  DOMAIN_MONITOR_COMMAND: qemuCommand(1, { dom, cmd: str, flags }, { result: str }),
  DOMAIN_BLOCK_JOB_ABORT: slowChange(237, { dom, path: str, flags }),
  DOMAIN_BLOCK_JOB_SET_SPEED: slowChange(239, { dom, path: str, bandwidth, flags }),
  DOMAIN_BLOCK_RESIZE: slowChange(251, { dom, disk: str, size: u64, flags }),
  DOMAIN_BLOCK_PEEK: slowRead(103, { dom, path: str, offset: u64, size: u32, flags }, { buffer: opaque }),
} as const

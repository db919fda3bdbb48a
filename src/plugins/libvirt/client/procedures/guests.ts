// Procedures that ask the agent in a guest. Each may take as long as the agent does.
import { domain, fileSystem, parameters } from '../structs.ts'
import { i32, i64, list, nullable, str, u32, u64 } from '../xdr.ts'
import { change, flags, qemuCommand, slowChange, slowRead } from './declare.ts'

const dom = domain

export const guestProcedures = {
  /** Returns how many file systems it froze: 0 is none, and no error. */
  DOMAIN_FSFREEZE: slowChange(335, { dom, mountpoints: list(str, 256), flags }, { filesystems: i32 }),
  /** `mountpoints` must be empty. */
  DOMAIN_FSTHAW: slowChange(336, { dom, mountpoints: list(str, 256), flags }, { filesystems: i32 }),
  DOMAIN_GET_FSINFO: slowRead(349, { dom, flags }, { info: list(fileSystem, 256), ret: u32 }),
  DOMAIN_FSTRIM: slowChange(294, { dom, mountPoint: nullable(str), minimum: u64, flags }),
  /** Seconds; -2: without end, -1: 5 s, 0: not at all. */
  DOMAIN_AGENT_SET_RESPONSE_TIMEOUT: change(420, { dom, timeout: i32, flags }, { result: i32 }),
  /** JSON both ways. `timeout` in seconds; -2: without end, -1: usual, 0: not at all. */
  DOMAIN_AGENT_COMMAND: qemuCommand(3, { dom, cmd: str, timeout: i32, flags }, { result: nullable(str) }),
  DOMAIN_GET_TIME: slowRead(337, { dom, flags }, { seconds: i64, nseconds: u32 }),
  DOMAIN_SET_TIME: slowChange(338, { dom, seconds: i64, nseconds: u32, flags }),
  DOMAIN_GET_GUEST_INFO: slowRead(418, { dom, types: u32, flags }, { params: parameters }),
  DOMAIN_GET_HOSTNAME: slowRead(277, { dom, flags }, { hostname: str }),
  DOMAIN_SET_USER_PASSWORD: slowChange(357, { dom, user: nullable(str), password: nullable(str), flags }),
} as const

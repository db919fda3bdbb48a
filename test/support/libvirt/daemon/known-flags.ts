// Flags that libvirt 9.0 knows, for the calls whose unknown flags are refused. Others take any.
import type { ProcedureName } from '../../../../src/plugins/libvirt/client/procedures.ts'
import { invalidArgument } from '../model/vir-error.ts'

const known: Partial<Record<ProcedureName, number>> = {
  DOMAIN_DEFINE_XML_FLAGS: 1,
  DOMAIN_UNDEFINE_FLAGS: 127,
  DOMAIN_CREATE_WITH_FLAGS: 63,
  DOMAIN_CREATE_XML: 63,
  DOMAIN_DESTROY_FLAGS: 3,
  DOMAIN_SHUTDOWN_FLAGS: 31,
  DOMAIN_FSFREEZE: 0,
  DOMAIN_FSTHAW: 0,
  DOMAIN_SNAPSHOT_CREATE_XML: 1023,
  DOMAIN_SNAPSHOT_DELETE: 7,
  DOMAIN_REVERT_TO_SNAPSHOT: 15,
  DOMAIN_CHECKPOINT_CREATE_XML: 5,
  DOMAIN_CHECKPOINT_DELETE: 7,
  DOMAIN_BACKUP_BEGIN: 1,
  DOMAIN_GET_JOB_STATS: 3,
  DOMAIN_BLOCK_COMMIT: 31,
  DOMAIN_BLOCK_JOB_ABORT: 3,
  STORAGE_VOL_CREATE_XML: 7,
}

/** @throws VirError 8 */
export function mustBeKnown(procedure: ProcedureName, args: unknown): void {
  const { flags = 0 } = args as { readonly flags?: number }
  const unknown = flags & ~(known[procedure] ?? 0xffffffff)
  if (unknown !== 0) throw invalidArgument(`unsupported flags (0x${unknown.toString(16)}) in function ${procedure}`)
}

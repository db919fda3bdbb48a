// Procedures of snapshots, checkpoints and backups.
import { checkpoint, domain, snapshot } from '../structs.ts'
import { i32, list, nullable, str } from '../xdr.ts'
import { flags, listed, needResults, read, slowChange } from './declare.ts'

const dom = domain
const snap = snapshot

const snapshotProcedures = {
  DOMAIN_SNAPSHOT_CREATE_XML: slowChange(185, { dom, xml: str, flags }, { snap }),
  DOMAIN_LIST_ALL_SNAPSHOTS: read(274, { dom, needResults, flags }, listed('snapshots', snapshot)),
  DOMAIN_SNAPSHOT_LOOKUP_BY_NAME: read(189, { dom, name: str, flags }, { snap }),
  DOMAIN_SNAPSHOT_GET_XML_DESC: read(186, { snap, flags }, { xml: str }),
  DOMAIN_SNAPSHOT_NUM: read(187, { dom, flags }, { num: i32 }),
  DOMAIN_SNAPSHOT_LIST_NAMES: read(188, { dom, maxnames: i32, flags }, { names: list(str) }),
  DOMAIN_HAS_CURRENT_SNAPSHOT: read(190, { dom, flags }, { result: i32 }),
  DOMAIN_SNAPSHOT_CURRENT: read(191, { dom, flags }, { snap }),
  DOMAIN_SNAPSHOT_IS_CURRENT: read(271, { snap, flags }, { current: i32 }),
  DOMAIN_SNAPSHOT_HAS_METADATA: read(272, { snap, flags }, { metadata: i32 }),
  DOMAIN_SNAPSHOT_GET_PARENT: read(244, { snap, flags }, { snap }),
  DOMAIN_SNAPSHOT_LIST_ALL_CHILDREN: read(275, { snapshot, needResults, flags }, listed('snapshots', snapshot)),
  DOMAIN_SNAPSHOT_NUM_CHILDREN: read(246, { snap, flags }, { num: i32 }),
  DOMAIN_REVERT_TO_SNAPSHOT: slowChange(192, { snap, flags }),
  DOMAIN_SNAPSHOT_DELETE: slowChange(193, { snap, flags }),
} as const

const checkpointProcedures = {
  DOMAIN_CHECKPOINT_CREATE_XML: slowChange(411, { dom, xml: str, flags }, { checkpoint }),
  DOMAIN_LIST_ALL_CHECKPOINTS: read(413, { dom, needResults, flags }, listed('checkpoints', checkpoint)),
  DOMAIN_CHECKPOINT_LIST_ALL_CHILDREN: read(414, { checkpoint, needResults, flags }, listed('checkpoints', checkpoint)),
  DOMAIN_CHECKPOINT_LOOKUP_BY_NAME: read(415, { dom, name: str, flags }, { checkpoint }),
  DOMAIN_CHECKPOINT_GET_PARENT: read(416, { checkpoint, flags }, { parent: checkpoint }),
  /** With flag `size` it asks the running guest's disks. */
  DOMAIN_CHECKPOINT_GET_XML_DESC: read(412, { checkpoint, flags }, { xml: str }),
  DOMAIN_CHECKPOINT_DELETE: slowChange(417, { checkpoint, flags }),
  /** Returns when the job has begun. */
  DOMAIN_BACKUP_BEGIN: slowChange(421, { dom, backup_xml: str, checkpoint_xml: nullable(str), flags }),
  DOMAIN_BACKUP_GET_XML_DESC: read(422, { dom, flags }, { xml: str }),
} as const

export const savedStateProcedures = { ...snapshotProcedures, ...checkpointProcedures } as const

// What backup, restore and remove_backup hand to every snapshot operation.
import { Type } from '../../../kernel/schema.ts'

export const snapshotInputs = Type.Object({
  snapshot_name: Type.String({ minLength: 1 }),
  /** False: the snapshot shares nothing with others. Default true. */
  snapshot_incremental: Type.Optional(Type.Boolean()),
})

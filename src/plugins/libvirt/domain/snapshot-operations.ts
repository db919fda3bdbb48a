// snapshot.create, apply and delete of a domain: snapshots where they are incremental, backups where they are whole. What
// was made says itself which it is. What a cut needs is there at once; what puts back, takes away or compares is loaded by
// whoever does that.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { cutOperation, operation } from '../../contract/operation.ts'
import { backupApply, backupCut, backupDelete, backupSettle, backupVerify } from '../backup/backup.ts'
import { backupCheck } from '../backup/check.ts'
import { snapshotCheck, snapshotCut } from '../snapshot/cut.ts'
import { snapshotSettle, snapshotVerify } from '../snapshot/read-back.ts'
import { snapshotKind } from '../snapshot/recorded.ts'

export const domainSnapshotCreate = cutOperation({
  check: (ctx, inputs) => (isIncremental(inputs) ? snapshotCheck(ctx, inputs) : backupCheck(ctx, inputs)),
  cut: (ctx, inputs) => (isIncremental(inputs) ? snapshotCut(ctx, inputs) : backupCut(ctx, inputs)),
  settle: (ctx, receipt, inputs) =>
    isSnapshot(receipt) ? snapshotSettle(ctx, receipt) : backupSettle(ctx, receipt, inputs),
  verify: (ctx, part) => (isSnapshot(part) ? snapshotVerify(ctx, part) : backupVerify(ctx, part)),
  async compare(ctx, part) {
    const { compareBackup, compareSnapshot } = await import('../compare/domain.ts')
    return isSnapshot(part) ? compareSnapshot(ctx, part) : compareBackup(ctx, part)
  },
})

export const domainSnapshotApply = operation({
  async run(ctx, inputs) {
    if (isOfSnapshot(ctx.part, inputs)) return (await import('../snapshot/apply.ts')).snapshotApply(ctx, inputs)
    return backupApply(ctx, inputs)
  },
})

export const domainSnapshotDelete = operation({
  async run(ctx, inputs) {
    if (isOfSnapshot(ctx.part, inputs)) return (await import('../snapshot/delete.ts')).snapshotDelete(ctx, inputs)
    return backupDelete(ctx, inputs)
  },
})

const isIncremental = (inputs: JsonObject): boolean => inputs['snapshot_incremental'] === true

const isSnapshot = (part: { readonly kind: string }): boolean => part.kind === snapshotKind

function isOfSnapshot(part: Json | undefined, inputs: JsonObject): boolean {
  const kind = part !== undefined && isJsonObject(part) ? part['kind'] : undefined
  return kind === undefined ? isIncremental(inputs) : kind === snapshotKind
}

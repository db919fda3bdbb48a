// Reads a part of the catalog back, all of its contents, without changing anything.
import { Fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Part, PartCheck } from '../../contract/operation.ts'
import { objectsIn, type StoreLayout } from './layout.ts'
import { readManifestIn } from './manifest.ts'
import { isRecorded, recordedPart } from './recorded-part.ts'
import { verifySnapshot } from './verify.ts'

export async function checkPart(ctx: OperationContext, store: StoreLayout, part: Part): Promise<PartCheck> {
  const recorded = recordedPart(store, part)
  if (!recorded) return missing('what is recorded of it names no snapshot')
  try {
    const manifest = await readManifestIn(recorded.folder, String(part['name'] ?? part.providerId))
    if (!manifest) return missing(`'${recorded.folder}' is not there`)
    if (!isRecorded(recorded, manifest)) return missing('another snapshot lies in its place')
    await verifySnapshot(ctx, manifest, objectsIn(store, recorded.folder, manifest.isIncremental))
    return { isUsable: true, isMissing: false, reason: null }
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'local.snapshot_damaged') throw thrown
    return { isUsable: false, isMissing: false, reason: String(thrown.details['reason']) }
  }
}

const missing = (reason: string): PartCheck => ({ isUsable: false, isMissing: true, reason })

// Compares a snapshot with what the catalog recorded of it: a name alone decides nothing.
import { isJsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { SealedManifest } from './manifest.ts'

/** True also when the operation was called without a part of a recovery point. */
export function isRecorded(ctx: OperationContext, manifest: SealedManifest): boolean {
  const { part } = ctx
  if (part === undefined || !isJsonObject(part) || typeof part['digest'] !== 'string') return true
  return part['digest'] === manifest.digest
}

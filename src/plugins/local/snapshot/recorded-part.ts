// Finds a snapshot by what the catalog recorded of it: a name alone decides nothing.
import { basename, join } from 'node:path'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { snapshotFolder, type StoreLayout } from './layout.ts'
import type { SealedManifest } from './manifest.ts'

export interface RecordedPart {
  /** The snapshot's own folder; a store that was moved is found where it lies now. */
  readonly folder: string
  /** Absent as long as the cut is not settled. */
  readonly digest: string | undefined
  readonly cutId: string | undefined
}

/** Undefined when the operation was called without a part of a recovery point. */
export function recordedPart(store: StoreLayout, part: Json | undefined): RecordedPart | undefined {
  if (part === undefined || !isJsonObject(part)) return undefined
  const { providerId, digest, cutId } = part
  const name = typeof providerId === 'string' ? basename(providerId) : ''
  if (['', '.', '..'].includes(name)) return undefined
  return { folder: join(store.snapshots, name), digest: textOrNone(digest), cutId: textOrNone(cutId) }
}

/** Where the snapshot of this operation lies: as recorded, or else by the name that was asked for. */
export function folderOf(store: StoreLayout, name: string, recorded: RecordedPart | undefined): string {
  return recorded?.folder ?? snapshotFolder(store, name)
}

/** True also when nothing is on record. */
export function isRecorded(recorded: RecordedPart | undefined, manifest: SealedManifest): boolean {
  if (recorded?.digest !== undefined) return recorded.digest === manifest.digest
  return recorded?.cutId === undefined || recorded.cutId === manifest.cutId
}

const textOrNone = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

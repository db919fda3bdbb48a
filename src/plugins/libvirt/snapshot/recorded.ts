// What the catalog keeps of a snapshot: the uuid of its domain, its name, and the key of the operation that made it.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Part } from '../../contract/operation.ts'
import type { KnownSnapshot } from './known-snapshots.ts'
import type { SnapshotMode } from './snapshot-mode.ts'

export const snapshotKind = 'libvirt.snapshot'

export interface RecordedSnapshot {
  readonly uuid: string
  readonly name: string
  readonly key: string
  readonly mode: SnapshotMode
  /** Files that were made for it, or that it stands on and that were made for another of ours. */
  readonly files: readonly string[]
}

export function receiptOf({ uuid, name, key, mode, files }: RecordedSnapshot) {
  return { kind: snapshotKind, providerId: `${uuid}/${name}`, uuid, name, key, mode, files } as const
}

/** Undefined when it is the part of something else. */
export function recordedFrom(part: Json | Part | undefined): RecordedSnapshot | undefined {
  if (part === undefined || !isJsonObject(part as Json)) return undefined
  const { kind, uuid, name, key, mode, files } = part as Readonly<Record<string, Json>>
  if (kind !== snapshotKind || typeof uuid !== 'string' || typeof name !== 'string' || typeof key !== 'string')
    return undefined
  const paths = Array.isArray(files) ? (files as readonly Json[]).filter((file) => typeof file === 'string') : []
  return { uuid, name, key, mode: mode === 'internal' ? 'internal' : 'external', files: paths }
}

/** It is the very one: another may have come under its name. */
export function isThatOne(found: KnownSnapshot | undefined, { key }: RecordedSnapshot): found is KnownSnapshot {
  return found?.key === key
}

// A guard as the side that armed it knows it: all that is needed to find it from another process.
import { rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Duration } from '../../kernel/duration.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { isAlive, type ProcessIdentity } from './process-table.ts'
import { isRuntimeFolder, readRecord } from './record-file.ts'
import { isOf, type GuardRecord } from './record.ts'

export interface GuardHandle extends ProcessIdentity {
  readonly [key: string]: Json
  readonly token: string
  /** The file the guard leaves when it fires. */
  readonly marker: string
  /** The file that names the guard in charge. */
  readonly record: string
  /** How long the guard may take for what it does beside the thaw itself. */
  readonly patience: Duration
  /** Which of the guard's watches; empty: it has no other. */
  readonly watch: string
}

/** Undefined when it is the handle of no guard. */
export function handleFrom(value: Json | undefined): GuardHandle | undefined {
  if (value === undefined || !isJsonObject(value)) return undefined
  const { pid, startTime, bootId, token, marker, record, patience, watch } = value
  if (typeof pid !== 'number' || typeof startTime !== 'number') return undefined
  if (typeof token !== 'string' || typeof marker !== 'string' || typeof record !== 'string') return undefined
  const known = { pid, startTime, bootId: String(bootId), token, marker, record, patience: Number(patience) || 0 }
  return { ...known, watch: isWatchName(watch) ? watch : '' }
}

// It becomes part of a path.
const isWatchName = (value: Json | undefined): value is string =>
  typeof value === 'string' && /^[a-z0-9]{1,40}$/.test(value)

/** True while the guard lives, is the one in charge, and has not fired. */
export function isOnWatch(handle: GuardHandle | undefined): boolean {
  if (!handle || !isAlive(handle)) return false
  const record = readRecord(handle.record)
  return record !== undefined && isOf(record, handle) && record.firedAt === null
}

/** What the guard left when it fired; undefined when it did not. */
export function markerOf(handle: GuardHandle): GuardRecord | undefined {
  const marker = isRuntimeFolder(dirname(handle.marker)) ? readRecord(handle.marker) : undefined
  return marker?.token === handle.token && isOf(marker, handle) ? marker : undefined
}

/**
 * Takes away what a guard left that is no more. A handle comes from outside: only a file in our own folder that this
 * very guard wrote goes. A newer guard of the same freeze keeps its record.
 */
export function removeFilesOf(handle: GuardHandle): void {
  for (const path of [handle.marker, handle.record]) {
    const record = isRuntimeFolder(dirname(path)) ? readRecord(path) : undefined
    if (record?.token !== handle.token || !isOf(record, handle)) continue
    rmSync(path, { force: true })
    if (record.parcel !== undefined) removeParcel(record.parcel)
  }
}

/** Folders with what a guard needs begin with this, so that nothing else can be taken for one. */
export const parcelPrefix = 'parcel-'

export function removeParcel(folder: string): void {
  if (!basename(folder).startsWith(parcelPrefix) || !isRuntimeFolder(dirname(folder))) return
  rmSync(folder, { recursive: true, force: true })
}

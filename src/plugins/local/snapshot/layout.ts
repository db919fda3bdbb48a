// Where things lie in a snapshot store. One store belongs to one directory.
import { createHash } from 'node:crypto'
import { join } from 'node:path'

export interface StoreLayout {
  readonly root: string
  /** True when the folder above may be removed once it is empty. */
  readonly isParentOurs: boolean
  /** Blobs shared by all incremental snapshots: `ab/cdef…` by sha256. */
  readonly objects: string
  /** One folder for each snapshot, named after it. */
  readonly snapshots: string
  /** One folder for each cut that is not settled yet. */
  readonly staging: string
  /** Names the snapshot that the next incremental cut is compared with. */
  readonly latest: string
  /** What a swap of the directory is about to do; there only while it lasts. */
  readonly swapJournal: string
  readonly lock: string
}

export function storeLayout(root: string, isParentOurs: boolean): StoreLayout {
  return {
    root,
    isParentOurs,
    objects: join(root, 'objects'),
    snapshots: join(root, 'snapshots'),
    staging: join(root, 'staging'),
    latest: join(root, 'latest.json'),
    swapJournal: join(root, 'swap.json'),
    lock: join(root, 'lock'),
  }
}

/** A snapshot's own folder. Any name gives a file name of at most 200 bytes. */
export function snapshotFolder(store: StoreLayout, name: string): string {
  const encoded = encodeURIComponent(name.toWellFormed()).replace(/^\./, '%2E')
  return join(store.snapshots, encoded.length <= 200 ? encoded : `%sha256-${hashOf(name)}`)
}

export const manifestName = 'manifest.json'

export function manifestPath(store: StoreLayout, name: string): string {
  return join(snapshotFolder(store, name), manifestName)
}

/** Full snapshots keep their blobs in their own folder. */
export function objectsOf(store: StoreLayout, name: string, isIncremental: boolean): string {
  return objectsIn(store, snapshotFolder(store, name), isIncremental)
}

/** The same for the folder of a snapshot. */
export function objectsIn(store: StoreLayout, folder: string, isIncremental: boolean): string {
  return isIncremental ? store.objects : join(folder, 'objects')
}

export function stagingFolder(store: StoreLayout, operationKey: string): string {
  return join(store.staging, hashOf(operationKey).slice(0, 32))
}

/** `digest` as in manifests: `sha256:` and 64 hex digits. */
export function objectPath(objects: string, digest: string): string {
  const hex = digest.slice('sha256:'.length)
  return join(objects, hex.slice(0, 2), hex.slice(2))
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

// The snapshots of the simulated cloud. A snapshot has the key of the operation that made it, which is unique: made twice,
// it is one. It is there as soon as the request arrived, and usable once it has settled.
import type { Duration, Instant } from '../../../kernel/duration.ts'

export interface SnapshotRecord {
  readonly id: string
  readonly key: string
  readonly node: string
  readonly parentId: string | null
  /** The state of all of this time went into it. */
  readonly capturedFrom: Instant
  readonly capturedTo: Instant
  readonly settledAt: Instant
  readonly bytes: number
}

export interface SnapshotRequest {
  readonly key: string
  readonly node: string
  readonly isIncremental: boolean
  readonly cutTime: Duration
  readonly settleTime: Duration
}

/** What there is, and which keys are used up: what was deleted is not made again by a request that comes late. */
export interface Snapshots {
  readonly snapshots: SnapshotRecord[]
  readonly spent: readonly string[]
}

/** The one that is there under the key, or a new one; undefined: the key is used up. */
export function takeSnapshot(
  { snapshots, spent }: Snapshots,
  request: SnapshotRequest,
  made: { readonly now: Instant; readonly number: number },
): SnapshotRecord | undefined {
  const existing = snapshots.find((one) => one.key === request.key)
  if (existing || spent.includes(request.key)) return existing
  const parent = request.isIncremental ? snapshots.findLast((one) => one.node === request.node) : undefined
  const capturedTo = made.now + request.cutTime
  const snapshot: SnapshotRecord = {
    id: `snap-${made.number}`,
    key: request.key,
    node: request.node,
    parentId: parent?.id ?? null,
    capturedFrom: made.now,
    capturedTo,
    settledAt: capturedTo + request.settleTime,
    bytes: parent ? 1024 : 1024 * 1024,
  }
  snapshots.push(snapshot)
  return snapshot
}

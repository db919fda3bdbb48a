// What must hold after every simulated run, whatever went wrong: the promises, checked against what the cloud itself knows.
import type { Duration } from '../../kernel/duration.ts'
import { fsPrepare } from '../../lifecycle/operations.ts'
import type { SimCloud } from '../../plugins/sim/cloud/cloud.ts'
import { stoodStill } from '../../plugins/sim/cloud/guest.ts'
import type { MemoryDisk } from '../../store/sqlite/memory.ts'
import type { Topology } from './topology.ts'

export interface Violation {
  /** thaw, left, truth, resume, live, oracle, same */
  readonly promise: string
  readonly message: string
}

export interface Scene {
  readonly topology: Topology
  readonly disk: MemoryDisk
  readonly cloud: SimCloud
  /** Node ids of those that take part; absent: all. */
  readonly chosen?: ReadonlySet<string>
  /** How long a freeze may last, with all extensions. */
  readonly longestHold: Duration
}

/** What a guest's clock may be late by. */
const grace: Duration = 2000

/** `isUnfinished`: the store failed so that the run could not clean up; whoever resumes it does. */
export function checkScene(scene: Scene, isUnfinished: boolean): readonly Violation[] {
  return [
    ...checkThaw(scene),
    ...(isUnfinished ? [] : checkNothingLeft(scene)),
    ...checkParts(scene),
    ...checkRestored(scene),
  ]
}

function checkThaw({ cloud, longestHold }: Scene): Violation[] {
  const found: Violation[] = []
  for (const id of cloud.frozen()) found.push({ promise: 'thaw', message: `${id} is still frozen` })
  for (const guest of Object.values(cloud.state.guests)) {
    for (const { from, to, watchedBy } of guest.spans) {
      const length = (to ?? cloud.now) - from
      if (watchedBy !== null && length > longestHold + grace)
        found.push({
          promise: 'thaw',
          message: `${guest.id} was frozen for ${length} ms, which may last ${longestHold} ms`,
        })
    }
  }
  for (const id of cloud.armed()) found.push({ promise: 'left', message: `a deadman still waits on ${id}` })
  return found
}

interface PartRow {
  readonly instance: string
  readonly provider: string | null
  readonly result: string
  readonly consistency: string | null
  readonly status: string
}

// Whatever the cloud holds of ours stands in the catalog, and whatever stands in the catalog is there.
function checkNothingLeft({ disk, cloud }: Scene): Violation[] {
  const known = new Set(partsIn(disk).map(providerId))
  const stray = cloud.state.snapshots.filter((one) => !known.has(one.id))
  // One that is half deleted says so, and can be deleted again.
  const open = disk.read<{ name: string }>("select name from recovery_points where status = 'open'")
  const frozen = disk.read<{ instance: string }>('select instance_id as instance from freezes where thawed_at is null')
  return [
    ...stray.map((one) => ({ promise: 'left', message: `snapshot ${one.id} of ${one.node} stands in no catalog` })),
    ...open.map(({ name }) => ({ promise: 'left', message: `recovery point '${name}' was left open` })),
    ...frozen.map(({ instance }) => ({ promise: 'left', message: `the ledger still says that ${instance} is frozen` })),
  ]
}

function checkParts({ topology, disk, cloud, chosen }: Scene): Violation[] {
  const claimed = partsIn(disk).filter(({ status }) => status === 'good' || status === 'partial')
  return claimed.flatMap((part): Violation[] => {
    const id = providerId(part)
    const snapshot = cloud.state.snapshots.find((one) => one.id === id)
    if (!snapshot)
      return [{ promise: 'truth', message: `the catalog has ${id} of ${part.instance}, the cloud does not` }]
    if (snapshot.node !== part.instance)
      return [{ promise: 'truth', message: `${id} is a snapshot of ${snapshot.node}, not of ${part.instance}` }]
    const { capturedFrom, capturedTo } = snapshot
    const moving = mustStandStill(topology, part.instance, chosen).filter(
      (node) => !stoodStill(cloud.guest(node), capturedFrom, capturedTo),
    )
    if (moving.length === 0 || part.consistency === 'crash') return []
    const label = part.consistency ?? 'good'
    return [
      { promise: 'truth', message: `${part.instance} is labelled ${label}, but ${moving.join(', ')} ran meanwhile` },
    ]
  })
}

// What a node was put back to is what was saved of it.
function checkRestored({ cloud }: Scene): Violation[] {
  return Object.values(cloud.state.guests).flatMap(({ id, restoredFrom }): Violation[] => {
    if (restoredFrom === null) return []
    const node = cloud.state.snapshots.find((one) => one.id === restoredFrom)?.node
    if (node === undefined || node === id) return []
    return [{ promise: 'truth', message: `${id} was put back to ${restoredFrom}, a snapshot of ${node}` }]
  })
}

/** The instance itself, its host, and whatever shares that host, as far as they take part and can be frozen. */
function mustStandStill(
  { prepared }: Topology,
  instanceId: string,
  chosen: ReadonlySet<string> | undefined,
): readonly string[] {
  const host = prepared.instances.find(({ id }) => id === instanceId)?.hostId ?? null
  const freezes = new Set(
    prepared.nodes
      .filter(({ id, operations }) => (operations[fsPrepare]?.plugin ?? '') !== '' && (chosen?.has(id) ?? true))
      .map(({ id }) => id),
  )
  return prepared.instances
    .filter(
      ({ id, hostId, nodeId }) => freezes.has(nodeId) && (id === instanceId || (host !== null && hostId === host)),
    )
    .map(({ id }) => id)
}

function partsIn(disk: MemoryDisk): readonly PartRow[] {
  return disk.read<PartRow>(
    'select parts.instance_id as instance, parts.provider_id as provider, parts.result as result, parts.consistency as consistency, ' +
      'recovery_points.status as status from parts join recovery_points on recovery_points.id = parts.recovery_point_id',
  )
}

function providerId(part: PartRow): string {
  return part.provider ?? String((JSON.parse(part.result) as { providerId?: unknown }).providerId)
}

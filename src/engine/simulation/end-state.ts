// What a run left behind, in a form in which two runs can be compared: no times, no ids that were drawn.
import type { MemoryDisk } from '../../store/sqlite/memory.ts'
import type { SimCloud } from '../../plugins/sim/cloud/cloud.ts'

export interface EndState {
  /** Instance id -> state in the store. */
  readonly states: Readonly<Record<string, string>>
  /** Instance id -> what the cloud knows. */
  readonly guests: Readonly<
    Record<string, { readonly exists: boolean; readonly power: string; readonly isRestored: boolean }>
  >
  /** Recovery points with the instances they have parts of. */
  readonly points: readonly { readonly name: string; readonly status: string; readonly parts: readonly string[] }[]
  /** Snapshots of the cloud by instance. */
  readonly snapshots: Readonly<Record<string, number>>
  /** Names of statistics by instance. */
  readonly statistics: Readonly<Record<string, readonly string[]>>
}

export function endState(disk: MemoryDisk, cloud: SimCloud): EndState {
  const instances = disk.read<{ id: string; state: string }>('select id, state from node_instances order by id')
  const points = disk.read<{ id: string; name: string; status: string }>(
    'select id, name, status from recovery_points order by name, id',
  )
  const parts = disk.read<{ point: string; instance: string }>(
    'select recovery_point_id as point, instance_id as instance from parts order by instance_id',
  )
  const figures = disk.read<{ instance: string; name: string }>(
    'select distinct instance_id as instance, name from statistics order by instance_id, name',
  )
  const ids = instances.map(({ id }) => id)
  const perInstance = <Value>(value: (id: string) => Value): Record<string, Value> =>
    Object.fromEntries(ids.map((id) => [id, value(id)]))
  return {
    states: Object.fromEntries(instances.map(({ id, state }) => [id, state])),
    guests: perInstance((id) => {
      const { exists, power, restoredFrom } = cloud.guest(id)
      return { exists, power, isRestored: restoredFrom !== null }
    }),
    points: points.map(({ id, name, status }) => ({
      name,
      status,
      parts: parts.filter((part) => part.point === id).map((part) => part.instance),
    })),
    snapshots: perInstance((id) => cloud.state.snapshots.filter((one) => one.node === id).length),
    statistics: perInstance((id) => figures.filter((one) => one.instance === id).map((one) => one.name)),
  }
}

/** What differs, in words; none: they are the same. */
export function differences(wanted: EndState, found: EndState): readonly string[] {
  return (Object.keys(wanted) as (keyof EndState)[]).flatMap((area) => {
    const [left, right] = [JSON.stringify(wanted[area]), JSON.stringify(found[area])]
    return left === right ? [] : [`${area}: ${right} instead of ${left}`]
  })
}

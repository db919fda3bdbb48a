// What a change comes to: instances that are new or gone, instances that gain or lose relationships, and who they touch.
import type { InstanceRelationship, PlannedInstance } from '../plan.ts'

/** An instance that a change touches. Its relationships are those that are part of the change. */
export interface ChangedInstance extends PlannedInstance {
  /** `related`: not changed itself, but connected with one that is. */
  readonly change: 'added' | 'removed' | 'extended' | 'reduced' | 'related'
}

export interface InstanceChanges {
  /** New instances, and those on both ends of their relationships. */
  readonly added: readonly ChangedInstance[]
  /** Instances that stay and have new relationships, with the targets of those that stay as well. */
  readonly extended: readonly ChangedInstance[]
  /** Instances that stay and lose relationships, with the targets of those that stay as well. */
  readonly reduced: readonly ChangedInstance[]
  readonly removed: readonly ChangedInstance[]
}

type Table = ReadonlyMap<string, PlannedInstance>

export function compareInstances(
  before: readonly PlannedInstance[],
  after: readonly PlannedInstance[],
): InstanceChanges {
  const old = tableOf(before)
  const now = tableOf(after)
  return {
    added: onlyIn(after, now, old, 'added'),
    extended: connectedOnlyIn(after, now, old, 'extended'),
    reduced: connectedOnlyIn(before, old, now, 'reduced'),
    removed: onlyIn(before, old, now, 'removed'),
  }
}

const tableOf = (instances: readonly PlannedInstance[]): Table =>
  new Map(instances.map((instance) => [instance.id, instance]))

/** Instances of one side that the other has not, and their neighbours. */
function onlyIn(
  instances: readonly PlannedInstance[],
  here: Table,
  there: Table,
  change: 'added' | 'removed',
): ChangedInstance[] {
  const touched = new Map<string, InstanceRelationship[]>()
  const isOnlyHere = (id: string): boolean => here.has(id) && !there.has(id)
  for (const { id, relationships } of instances) {
    const concerned = isOnlyHere(id) ? relationships : relationships.filter(({ targetId }) => isOnlyHere(targetId))
    if (concerned.length > 0 || isOnlyHere(id)) touched.set(id, [...concerned])
    for (const { targetId } of concerned) if (!touched.has(targetId)) touched.set(targetId, [])
  }
  return changed(instances, touched, (id) => (isOnlyHere(id) ? change : 'related'))
}

/** Instances of both sides with relationships that only one side has, and what those lead to. */
function connectedOnlyIn(
  instances: readonly PlannedInstance[],
  here: Table,
  there: Table,
  change: 'extended' | 'reduced',
): ChangedInstance[] {
  const touched = new Map<string, InstanceRelationship[]>()
  const sources = new Set<string>()
  for (const { id, relationships } of instances) {
    const other = there.get(id)
    if (other === undefined) continue
    const known = new Set(other.relationships.map(keyOf))
    const fresh = relationships.filter((relationship) => !known.has(keyOf(relationship)))
    if (fresh.length === 0) continue
    sources.add(id)
    touched.set(id, fresh)
    for (const { targetId } of fresh)
      if (there.has(targetId) && here.has(targetId) && !touched.has(targetId)) touched.set(targetId, [])
  }
  return changed(instances, touched, (id) => (sources.has(id) ? change : 'related'))
}

const keyOf = ({ type, targetId }: InstanceRelationship): string => `${type}\0${targetId}`

function changed(
  instances: readonly PlannedInstance[],
  touched: ReadonlyMap<string, readonly InstanceRelationship[]>,
  changeOf: (id: string) => ChangedInstance['change'],
): ChangedInstance[] {
  return instances
    .filter(({ id }) => touched.has(id))
    .map((instance) => ({ ...instance, relationships: touched.get(instance.id) ?? [], change: changeOf(instance.id) }))
}

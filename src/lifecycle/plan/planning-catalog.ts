// The catalog as a planning run sees it: what is looked up and what is refused is real, what is changed is written down.
import type { BracketOutcome, Catalog, NewRecoveryPoint, RecoveryPoint } from '../../plugins/contract/workflow.ts'
import { catalogOf } from '../catalog.ts'
import type { Planning } from './planning.ts'

export function planningCatalog(planning: Planning): Catalog {
  const { site, catalog } = planning
  // Its journal and its store keep nothing.
  const real = catalogOf(site)
  const names = new Map<string, string>()
  const nameOf = (id: string): string => names.get(id) ?? id
  const seen = (point: RecoveryPoint): RecoveryPoint => {
    names.set(point.id, point.name)
    planning.recoveryPoints.add(point.id)
    catalog.push({ action: 'find', name: point.name, instances: [] })
    return point
  }
  return {
    async open(point: NewRecoveryPoint) {
      const id = await real.open(point)
      names.set(id, point.name)
      catalog.push({ action: 'open', name: point.name, isIncremental: point.isIncremental, instances: [] })
      return id
    },
    async seal(id: string, outcome: BracketOutcome) {
      catalog.push({ action: 'seal', name: nameOf(id), instances: Object.keys(outcome.parts) })
    },
    async discard() {},
    find: async (name, isIncremental) => seen(await real.find(name, isIncremental)),
    get: async (id) => seen(await real.get(id)),
    beginRemoval: (id, instanceIds, floor) => real.beginRemoval(id, instanceIds, floor),
    async removePart(id, instanceId, deletion) {
      await deletion()
      catalog.push({ action: 'remove', name: nameOf(id), instances: [instanceId] })
    },
    async endRemoval(id) {
      catalog.push({ action: 'remove', name: nameOf(id), instances: [] })
    },
    async verified() {},
  }
}

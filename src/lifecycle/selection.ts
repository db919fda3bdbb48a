// Which instances take part in a run. Nothing that was named is left out silently.
import { fault } from '../kernel/fault.ts'
import { nearNames } from '../kernel/near.ts'
import type { Selection } from '../plugins/contract/workflow.ts'
import type { Instance, Topology } from './topology.ts'

/** @throws Fault `plan.unknown_instance`, `plan.unknown_group` or `plan.unknown_node_type`, with near names. */
export function selectInstances(topology: Topology, selection: Selection): readonly Instance[] {
  const ids = selection.include_instances ?? []
  const included = selection.include_node_types ?? []
  const excluded = selection.exclude_node_types ?? []
  const groups = selection.groups ?? []
  for (const id of ids) checkInstance(topology, id)
  for (const group of groups) checkGroup(topology, group)
  for (const type of included) checkType(topology, type)
  const wanted = new Set(ids)
  const grouped = new Set(groups.flatMap((group) => topology.groups[group] ?? []))
  return topology.instances.filter((instance) => {
    const types = instance.node.typeHierarchy
    if (wanted.size > 0 && !wanted.has(instance.id)) return false
    if (groups.length > 0 && !grouped.has(instance.id)) return false
    if (included.length > 0 && !included.some((type) => types.includes(type))) return false
    return !excluded.some((type) => types.includes(type))
  })
}

function checkInstance(topology: Topology, id: string): void {
  if (topology.find(id)) return
  const known = topology.instances.map((instance) => instance.id)
  throw fault('plan.unknown_instance', {
    details: { deployment: topology.deploymentId, id, near: suggestion(id, known) },
  })
}

function checkGroup(topology: Topology, group: string): void {
  if (Object.hasOwn(topology.groups, group)) return
  const near = suggestion(group, Object.keys(topology.groups))
  throw fault('plan.unknown_group', { details: { deployment: topology.deploymentId, group, near } })
}

function checkType(topology: Topology, type: string): void {
  const known = [...new Set(topology.instances.flatMap((instance) => instance.node.typeHierarchy))]
  if (known.includes(type)) return
  const details = { deployment: topology.deploymentId, type, near: suggestion(type, known) }
  throw fault('plan.unknown_node_type', { details })
}

/** A hint that names what was probably meant, or what there is. */
export function suggestion(wanted: string, known: readonly string[]): string {
  const near = nearNames(wanted, [...known])
  if (near.length > 0) return `did you mean ${near.map((name) => `'${name}'`).join(' or ')}?`
  if (known.length === 0) return 'there is none'
  const shown = known.slice(0, 10).join(', ')
  return `there is: ${shown}${known.length > 10 ? `, and ${known.length - 10} more` : ''}`
}

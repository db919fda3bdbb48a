// lint.shared_snapshot_path: several instances that keep their snapshots in one place.
import { placeIn } from '../../document.ts'
import { fieldOf, objectAt } from '../../elements/build.ts'
import type { Plan, PlannedNode } from '../../plan.ts'
import { does, elementOf, wire } from '../operations.ts'
import type { LintRule } from '../rule.ts'

const pathName = /(^|_)(snapshots?|backups?)(_\w+)?_(path|dir|directory|folder)$/

const example = (path: string): string => `
imports: [cloudify/types/types.yaml]
node_types:
  store:
    derived_from: cloudify.nodes.Root
    properties: { snapshots_path: { default: '' } }
    interfaces:
      cloudify.interfaces.snapshot: { create: run.sh, apply: run.sh, delete: run.sh }
node_templates:
  store:
    type: store
    properties: { snapshots_path: ${path} }
    capabilities: { scalable: { properties: { default_instances: 3 } } }
`

export const sharedSnapshotPath: LintRule = {
  id: 'lint.shared_snapshot_path',
  summary: 'A node with several instances keeps their snapshots under one fixed path.',
  why: 'All instances write their snapshots to the same place. Unless the operation adds the id of the instance itself, one overwrites the other, and a restore gives all of them the data of one.',
  example: { blueprint: example('/backups/store'), files: { 'run.sh': '' } },
  better: { blueprint: example('{ concat: [/backups/, { get_attribute: [SELF, id] }] }'), files: { 'run.sh': '' } },
  *check(scene) {
    const byId = new Map(scene.plan.nodes.map((node) => [node.id, node]))
    for (const node of scene.plan.nodes) {
      const element = elementOf(node, scene)
      if (element === undefined || !does(node, wire.snapshot) || !isScaled(node, byId, scene.plan)) continue
      for (const [name, value] of Object.entries(node.properties)) {
        if (!pathName.test(name) || typeof value !== 'string' || value === '') continue
        const isWritten = fieldOf(objectAt(element.value, 'properties'), name) !== undefined
        yield {
          place: isWritten ? placeIn(element, 'properties', name) : placeIn(element, 'type'),
          message: `all instances of '${node.id}' keep their snapshots in '${name}': '${value}'`,
          hint: 'make the path depend on the instance, or sure that the operation does',
        }
      }
    }
  },
}

/** Itself, what it is contained in, or a group of either may have more than one instance. */
function isScaled(node: PlannedNode, byId: ReadonlyMap<string, PlannedNode>, plan: Plan): boolean {
  const seen = new Set<string>()
  for (let at: PlannedNode | undefined = node; at !== undefined && !seen.has(at.id);) {
    seen.add(at.id)
    const { default: count, max } = at.instances
    if ((typeof count === 'number' && count > 1) || (typeof max === 'number' && max > 1)) return true
    const holder: string | undefined = at.relationships.find(({ typeHierarchy }) =>
      typeHierarchy.includes('cloudify.relationships.contained_in'),
    )?.target
    at = holder === undefined ? undefined : byId.get(holder)
  }
  return Object.values(plan.scalingGroups).some((group) => {
    const members = fieldOf(group ?? null, 'members')
    return Array.isArray(members) && members.some((member) => seen.has(String(member)))
  })
}

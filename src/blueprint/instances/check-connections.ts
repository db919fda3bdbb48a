// Relationships that no instances could be connected by.
import type { JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { containedIn } from '../elements/relationship.ts'
import type { PlannedNode } from '../plan.ts'
import type { Reporter } from '../reporter.ts'
import { sharedGroup } from './connect.ts'
import { containment } from './containment.ts'

const supported = ['cloudify.relationships.depends_on', 'cloudify.relationships.connected_to', containedIn]

export function checkConnections(nodes: readonly PlannedNode[], scalingGroups: JsonObject, reporter: Reporter): void {
  const groups = Object.entries(scalingGroups).map(([name, group]) => ({
    name,
    members: isJsonObject(group) ? (group['members'] as readonly string[]) : [],
    count: 1,
  }))
  const isGroup = new Set(groups.map(({ name }) => name))
  const tree = containment({ nodes: nodes.map((node) => ({ ...node, count: 1 })), groups })
  for (const node of nodes) {
    for (const [index, { type, typeHierarchy, target, properties }] of node.relationships.entries()) {
      const place = { source: undefined, path: ['node_templates', node.id, 'relationships', index] }
      if (!typeHierarchy.some((name) => supported.includes(name))) {
        reporter.add('blueprint.unsupported_relationship', place, { node: node.id, type })
      }
      if (typeHierarchy.includes(containedIn)) continue
      const connection = properties['connection_type'] ?? 'all_to_all'
      if (connection !== 'all_to_all' && connection !== 'all_to_one') {
        reporter.add('blueprint.bad_connection_type', place, { node: node.id, value: connection })
      }
      const group = connection === 'all_to_one' ? sharedGroup(node.id, target, tree, isGroup) : undefined
      if (group !== undefined) reporter.add('blueprint.all_to_one_in_group', place, { node: node.id, target, group })
    }
  }
}

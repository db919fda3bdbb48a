// Which members the workflows take that Cloudify lets choose by node and instance ids beside our own selection.
import { Type } from '../kernel/schema.ts'
import { fault } from '../kernel/fault.ts'
import { suggestion } from '../lifecycle/selection.ts'
import type { Member, Run, Selection } from '../plugins/contract/workflow.ts'
import { selection } from './parameters.ts'

export const choice = {
  type_names: Type.Array(Type.String(), { default: [], description: 'Only nodes of one of these types' }),
  node_ids: Type.Array(Type.String(), { default: [], description: 'Only these nodes' }),
  node_instance_ids: Type.Array(Type.String(), { default: [], description: 'Only these node instances' }),
  ...selection,
}

export interface Choice extends Selection {
  readonly type_names: readonly string[]
  readonly node_ids: readonly string[]
  readonly node_instance_ids: readonly string[]
}

/** @throws Fault `plan.unknown_instance`, `plan.unknown_node_type`, `usage.not_found` for a node */
export function chosenMembers(run: Run, wanted: Choice): readonly Member[] {
  const chosen = run.select({
    include_instances: [...(wanted.include_instances ?? []), ...wanted.node_instance_ids],
    include_node_types: [...(wanted.include_node_types ?? []), ...wanted.type_names],
    exclude_node_types: wanted.exclude_node_types ?? [],
  })
  const nodes = new Set(run.members.map((member) => member.node.id))
  for (const id of wanted.node_ids) {
    if (!nodes.has(id))
      throw fault('usage.not_found', { details: { kind: 'node', id, near: suggestion(id, [...nodes]) } })
  }
  return wanted.node_ids.length === 0 ? chosen : chosen.filter((member) => wanted.node_ids.includes(member.node.id))
}

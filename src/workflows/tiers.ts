// The two tiers of every bracket: services are prepared before the computes they run on, and finalized after them.
import type { JsonObject } from '../kernel/json.ts'
import { computeType } from '../lifecycle/operations.ts'
import type { BracketTier, Member } from '../plugins/contract/workflow.ts'

/** fs_prepare and fs_finalize also learn which tier they are called for, as Cloudify tells them. */
export function freezeTiers(members: readonly Member[], inputs: JsonObject): readonly BracketTier[] {
  const isCompute = (member: Member): boolean => member.node.typeHierarchy.includes(computeType)
  return [
    {
      members: members.filter((member) => !isCompute(member)),
      inputs: { ...inputs, include_node_types: [], exclude_node_types: [computeType] },
    },
    {
      members: members.filter(isCompute),
      inputs: { ...inputs, include_node_types: [computeType], exclude_node_types: [] },
    },
  ]
}

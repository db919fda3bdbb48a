// execute_operation: any one operation, on any part of the deployment.
import { Type } from 'typebox'
import { fault } from '../kernel/fault.ts'
import { suggestion } from '../lifecycle/selection.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { selection } from './parameters.ts'

export const executeOperation = defineWorkflow({
  name: 'execute_operation',
  description: 'Runs one operation on all nodes that have it, or on some',
  parameters: Type.Object({
    operation: Type.String({ description: 'Full name, such as cloudify.interfaces.lifecycle.start' }),
    operation_kwargs: Type.Record(Type.String(), Type.Unknown(), {
      default: {},
      description: 'Inputs for the operation; they win over its own',
    }),
    allow_kwargs_override: Type.Union([Type.Boolean(), Type.Null()], {
      default: null,
      description: 'Kept for old callers; inputs always win',
    }),
    run_by_dependency_order: Type.Boolean({ default: false, description: 'Dependencies first instead of all at once' }),
    type_names: Type.Array(Type.String(), { default: [], description: 'Only nodes of one of these types' }),
    node_ids: Type.Array(Type.String(), { default: [], description: 'Only these nodes' }),
    node_instance_ids: Type.Array(Type.String(), { default: [], description: 'Only these node instances' }),
    ...selection,
  }),
  async run(run, parameters) {
    const { operation, node_ids: nodeIds } = parameters
    const chosen = run.select({
      include_instances: [...parameters.include_instances, ...parameters.node_instance_ids],
      include_node_types: [...parameters.include_node_types, ...parameters.type_names],
      exclude_node_types: parameters.exclude_node_types,
    })
    const known = [...new Set(run.members.flatMap((member) => member.operations))]
    if (!known.includes(operation)) {
      throw fault('plan.unknown_operation', {
        details: { deployment: run.deployment.id, operation, near: suggestion(operation, known) },
      })
    }
    const nodes = new Set(run.members.map((member) => member.node.id))
    for (const id of nodeIds) {
      if (!nodes.has(id))
        throw fault('usage.not_found', { details: { kind: 'node', id, near: suggestion(id, [...nodes]) } })
    }
    await run.walk(operation, {
      instances: nodeIds.length === 0 ? chosen : chosen.filter((member) => nodeIds.includes(member.node.id)),
      order: parameters.run_by_dependency_order ? 'dependencies-first' : 'none',
      inputs: parameters.operation_kwargs as never,
    })
  },
})

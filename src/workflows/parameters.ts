// Parameters that several workflows share. Names and defaults are those of Cloudify's suspend plugin.
import { Type } from '../kernel/schema.ts'
import type { JsonObject } from '../kernel/json.ts'
import { freezing } from './freeze-parameters.ts'

export const selection = {
  include_instances: Type.Array(Type.String(), {
    default: [],
    description: 'Only these node instances; none means all',
  }),
  include_node_types: Type.Array(Type.String(), { default: [], description: 'Only nodes of one of these types' }),
  exclude_node_types: Type.Array(Type.String(), { default: [], description: 'No nodes of any of these types' }),
}

export const snapshotName = Type.String({ default: '', description: 'Name of the backup' })

export const snapshotIncremental = Type.Boolean({
  default: true,
  description: 'A snapshot (true) or a full backup (false)',
})

export const groups = Type.Array(Type.String(), {
  default: [],
  description: 'Only members of these groups of the blueprint; none means all',
})

type Forwarded = Readonly<Record<string, unknown>>

/** What an operation gets of a workflow's parameters: all that say something; the workflow's own means stay behind. */
export function forwarded(parameters: Forwarded): JsonObject {
  const own = new Set([
    'include_node_types',
    'exclude_node_types',
    'groups',
    'snapshot_policy',
    ...Object.keys(freezing),
  ])
  const isEmpty = (name: string, value: unknown): boolean =>
    name === 'include_instances' && Array.isArray(value) && value.length === 0
  return Object.fromEntries(
    Object.entries(parameters).filter(([name, value]) => !own.has(name) && !isEmpty(name, value)),
  ) as JsonObject
}

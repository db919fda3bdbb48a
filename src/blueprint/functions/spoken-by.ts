// A function that waits for the run and was taken from another node's properties: its SELF is that node, not the taker.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { holdsCall, readCall } from './call.ts'

const readsNodes: ReadonlySet<string> = new Set([
  'get_property',
  'get_attribute',
  'get_attributes_list',
  'get_attributes_dict',
])

/** The value with SELF replaced by the node's name in every function that is left in it. */
export function spokenBy(nodeId: string, value: Json): Json {
  if (!holdsCall(value)) return value
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => spokenBy(nodeId, item))
  const call = readCall(value)
  const named = Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, item]) => [key, spokenBy(nodeId, item)]),
  )
  const args = call === undefined ? undefined : named[call.name]
  if (call === undefined || !readsNodes.has(call.name) || !Array.isArray(args) || args[0] !== 'SELF') return named
  return { ...named, [call.name]: [nodeId, ...(args as readonly Json[]).slice(1)] }
}

// Joins two elements of the same name that come from different files.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { type Element, keyPlace } from '../document.ts'
import type { Reporter } from '../reporter.ts'
import { locate } from '../source/locate.ts'

const firstWins: ReadonlySet<string> = new Set(['labels', 'blueprint_labels', 'resource_tags'])

/** What stands under the name afterwards; undefined when that is what stood there already. */
export function mergeElement(present: Element | undefined, added: Element, reporter: Reporter): Element | undefined {
  if (present === undefined || added.isBuiltin || added.name.startsWith('cloudify.')) return added
  if (firstWins.has(added.section)) return undefined
  if (added.section === 'workflows') return mergeWorkflows(present, added)
  const joined = added.section === 'node_templates' ? joinRelationships(present, added) : undefined
  if (joined !== undefined) return joined
  reporter.add('blueprint.merge_conflict', keyPlace(added), {
    name: added.name,
    section: added.section,
    other: `${present.source.name}:${locate(present.source, present.origin, 'key').line}`,
  })
  return undefined
}

/** Field by field, the first file wins. */
function mergeWorkflows(present: Element, added: Element): Element | undefined {
  if (!isJsonObject(present.value) || !isJsonObject(added.value)) return undefined
  return { ...present, value: { ...added.value, ...present.value } }
}

/** A file may add relationships to a node that another file defines. */
function joinRelationships(present: Element, added: Element): Element | undefined {
  const left = present.value
  const right = added.value
  if (!isJsonObject(left) || !isJsonObject(right) || !Array.isArray(left['relationships'])) return undefined
  const addsOnly = hasOnlyRelationships(right)
  if (hasOnlyRelationships(left) && (Object.hasOwn(right, 'type') || addsOnly)) {
    return { ...added, value: { ...right, relationships: both(left, right) } }
  }
  return addsOnly ? { ...present, value: { ...left, relationships: both(left, right) } } : undefined
}

function hasOnlyRelationships(value: JsonObject): boolean {
  const keys = Object.keys(value)
  return keys.length === 1 && keys[0] === 'relationships'
}

function both(left: JsonObject, right: JsonObject): readonly Json[] {
  const lists = [left['relationships'], right['relationships']]
  return lists.flatMap((list) => (Array.isArray(list) ? (list as readonly Json[]) : []))
}

// groups: nodes and other groups under one name, with the old kind of policies.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/near.ts'
import { type Element, keyPlace, placeIn } from '../document.ts'
import { whatThereIs } from '../known-names.ts'
import { completeRecord } from '../merging/complete-value.ts'
import type { Path } from '../source/source-file.ts'
import { fieldOf, objectAt, textAt, wellFormed } from './build.ts'
import type { PolicyType } from './policy-type.ts'
import type { Scene } from './scene.ts'
import { dict, listOf, mapOf, record, text } from './shape.ts'

export const shape = record({
  members: { shape: listOf(text, { notEmpty: true }), required: true },
  policies: mapOf(
    record({
      type: { shape: text, required: true },
      properties: dict,
      triggers: mapOf(record({ type: { shape: text, required: true }, parameters: dict })),
    }),
  ),
})

export interface Group {
  readonly element: Element
  readonly members: readonly string[]
  readonly policies: JsonObject
}

export function readGroups(
  policyTypes: ReadonlyMap<string, PolicyType>,
  triggers: ReadonlyMap<string, PolicyType>,
  scene: Scene,
): Map<string, Group> {
  const groups = new Map<string, Group>()
  for (const element of wellFormed('groups', shape, scene.build)) {
    const members = readMembers(element, scene)
    groups.set(element.name, { element, members, policies: readPolicies(element, policyTypes, triggers, scene) })
  }
  return groups
}

function readMembers(element: Element, scene: Scene): string[] {
  const { reporter, document } = scene.build
  const { node_templates: nodes, groups } = document.sections
  if (nodes.has(element.name)) reporter.add('blueprint.group_is_node', keyPlace(element), { name: element.name })
  const list = fieldOf(element.value, 'members')
  if (!Array.isArray(list)) return []
  for (const [index, member] of (list as readonly string[]).entries()) {
    if (nodes.has(member) || groups.has(member)) continue
    const near = didYouMean(member, [...nodes.keys(), ...groups.keys()]) ?? whatThereIs(nodes.keys())
    reporter.add('blueprint.unknown_member', placeIn(element, 'members', index), { group: element.name, member, near })
  }
  return [...new Set(list as readonly string[])]
}

function readPolicies(
  element: Element,
  types: ReadonlyMap<string, PolicyType>,
  triggers: ReadonlyMap<string, PolicyType>,
  scene: Scene,
): JsonObject {
  const result: Record<string, Json> = {}
  for (const [name, policy] of Object.entries(objectAt(element.value, 'policies'))) {
    const path = ['policies', name]
    const type = textAt(policy, 'type') ?? ''
    const known = types.get(type)
    if (known === undefined) {
      const details = {
        group: element.name,
        policy: name,
        type,
        near: didYouMean(type, types.keys()) ?? whatThereIs(types.keys()),
      }
      scene.build.reporter.add('blueprint.unknown_policy_type', placeIn(element, ...path, 'type'), details)
      continue
    }
    result[name] = {
      ...(isJsonObject(policy) ? policy : {}),
      properties: complete(
        policy,
        'properties',
        known,
        type,
        `group '${element.name}', policy '${name}'`,
        element,
        path,
        scene,
      ),
      triggers: readTriggers(policy, name, triggers, element, path, scene),
    }
  }
  return result
}

function readTriggers(
  policy: Json,
  policyName: string,
  types: ReadonlyMap<string, PolicyType>,
  element: Element,
  path: Path,
  scene: Scene,
): JsonObject {
  const result: Record<string, Json> = {}
  for (const [name, trigger] of Object.entries(objectAt(policy, 'triggers'))) {
    const type = textAt(trigger, 'type') ?? ''
    const at = [...path, 'triggers', name]
    const known = types.get(type)
    if (known === undefined) {
      const details = {
        group: element.name,
        trigger: name,
        type,
        near: didYouMean(type, types.keys()) ?? whatThereIs(types.keys()),
      }
      scene.build.reporter.add('blueprint.unknown_trigger', placeIn(element, ...at, 'type'), details)
      continue
    }
    const owner = `group '${element.name}', policy '${policyName}', trigger '${name}'`
    result[name] = { type, parameters: complete(trigger, 'parameters', known, type, owner, element, at, scene) }
  }
  return result
}

function complete(
  value: Json,
  field: string,
  type: PolicyType,
  typeName: string,
  owner: string,
  element: Element,
  path: Path,
  scene: Scene,
): JsonObject {
  return completeRecord(objectAt(value, field), type.schema, type.schema.defaults, {
    types: scene.types,
    owner,
    typeName,
    requiresAll: true,
    reporter: scene.build.reporter,
    placeOf: (inner) => placeIn(element, ...path, field, ...inner),
  })
}

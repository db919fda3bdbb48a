// policies: scaling policies, and the scaling groups they make out of groups.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/near.ts'
import { type Element, placeIn } from '../document.ts'
import { whatThereIs } from '../known-names.ts'
import { versionName } from '../version.ts'
import { type Build, fieldOf, objectAt, textAt, wellFormed } from './build.ts'
import type { Group } from './group.ts'
import { readScale, scalablePropertiesShape, type Scale } from './scalable.ts'
import { listOf, record, text } from './shape.ts'

const scaling = 'cloudify.policies.scaling'
export const shape = record({
  type: { shape: text, required: true },
  properties: scalablePropertiesShape,
  targets: { shape: listOf(text), required: true },
})

export interface Policy {
  readonly name: string
  readonly targets: readonly string[]
  readonly scale: Scale
}

export function readPolicies(groups: ReadonlyMap<string, Group>, build: Build): Policy[] {
  const policies: Policy[] = []
  checkVersion(build)
  for (const element of wellFormed('policies', shape, build)) policies.push(readOne(element, groups, build))
  return policies
}

function readOne(element: Element, groups: ReadonlyMap<string, Group>, build: Build): Policy {
  const { name, value } = element
  const { reporter } = build
  const type = textAt(value, 'type') ?? ''
  if (!type.includes(scaling))
    reporter.add('blueprint.policy_unsupported', placeIn(element, 'type'), { policy: name, type })
  const targets = fieldOf(value, 'targets')
  const names = Array.isArray(targets) ? (targets as readonly string[]) : []
  if (names.length === 0)
    reporter.add('blueprint.policy_without_targets', placeIn(element, 'targets'), { policy: name })
  for (const [index, target] of names.entries()) {
    if (build.document.sections.groups.has(target)) continue
    const near = didYouMean(target, groups.keys()) ?? whatThereIs(groups.keys())
    reporter.add('blueprint.policy_target', placeIn(element, 'targets', index), { policy: name, target, near })
  }
  return { name, targets: names, scale: readScale(objectAt(value, 'properties'), element, ['properties'], build) }
}

function checkVersion(build: Build): void {
  const [first] = build.document.sections.policies.values()
  if (first === undefined || !build.checksVersion || build.document.minor >= 3) return
  const details = { feature: 'policies', needed: versionName(3), version: build.document.version }
  build.reporter.add('blueprint.version_too_low', { source: first.source, path: ['policies'], aim: 'key' }, details)
}

/** In the form of the plan, where the present and the planned number stand beside the default. */
export function scaleJson(scale: Scale): JsonObject {
  return {
    min_instances: scale.min,
    max_instances: scale.max,
    default_instances: scale.default,
    current_instances: scale.default,
    planned_instances: scale.default,
  }
}

export function policyJson(policy: Policy): JsonObject {
  const json: Record<string, Json> = { type: scaling, targets: policy.targets, properties: scaleJson(policy.scale) }
  return json
}

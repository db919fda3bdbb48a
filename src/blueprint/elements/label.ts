// labels (of deployments), blueprint_labels and resource_tags.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { type Element, placeIn } from '../document.ts'
import { versionName } from '../version.ts'
import { type Build, fieldOf, wellFormed } from './build.ts'
import { anything, describeValue, record } from './shape.ts'

export const shape = record({ values: { shape: { is: 'list' }, required: true } })

export function readLabels(section: 'labels' | 'blueprint_labels', build: Build): JsonObject {
  const labels: Record<string, Json> = {}
  for (const element of wellFormed(section, shape, build)) {
    const values = fieldOf(element.value, 'values')
    if (!Array.isArray(values)) continue
    for (const [index, value] of (values as readonly Json[]).entries()) {
      checkValue(value, index, element, section === 'labels', build)
    }
    labels[element.name] = { values }
  }
  return labels
}

function checkValue(value: Json, index: number, element: Element, takesFunctions: boolean, build: Build): void {
  const refuse = (reason: string): void => {
    build.reporter.add('blueprint.bad_label', placeIn(element, 'values', index), { key: element.name, reason })
  }
  if (typeof value === 'string') return
  if (!takesFunctions || !isJsonObject(value)) {
    refuse(`a value must be text${takesFunctions ? ' or a function' : ''}, this is ${describeValue(value)}`)
  } else if (Object.hasOwn(value, 'get_attribute')) {
    refuse('get_attribute only gives a value later, when the deployment runs')
  }
}

export function readResourceTags(build: Build): JsonObject {
  const { minor, version } = build.document
  const tags: Record<string, Json> = {}
  for (const element of wellFormed('resource_tags', anything, build)) {
    tags[element.name] = element.value
    if (!build.checksVersion || minor >= 3) continue
    const details = { feature: 'resource_tags', needed: versionName(3), version }
    build.reporter.add(
      'blueprint.version_too_low',
      { source: element.source, path: ['resource_tags'], aim: 'key' },
      details,
    )
  }
  return tags
}

// plugins: what implementations refer to.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { type Element, placeIn } from '../document.ts'
import type { PlannedPlugin } from '../plan.ts'
import { type Build, fieldOf, objectAt, textAt, wellFormed } from './build.ts'
import { anything, dict, flag, mapOf, record, text } from './shape.ts'

const gated = { shape: text, since: 2 } as const

export const shape = record({
  executor: { shape: text, required: true },
  source: text,
  install: flag,
  install_arguments: { shape: text, since: 1 },
  package_name: gated,
  package_version: gated,
  supported_platform: { shape: anything, since: 2 },
  distribution: gated,
  distribution_version: gated,
  distribution_release: gated,
  properties_description: { shape: text, since: 5 },
  properties: {
    shape: mapOf(
      record({
        type: text,
        description: text,
        display_label: text,
        default: anything,
        required: flag,
        value: anything,
      }),
    ),
    since: 5,
  },
  labels: dict,
  blueprint_labels: dict,
  resource_tags: dict,
})

export function readPlugins(build: Build): Map<string, PlannedPlugin> {
  const plugins = new Map<string, PlannedPlugin>()
  for (const element of build.document.sections.plugins.values()) plugins.set(element.name, planned(element))
  for (const element of wellFormed('plugins', shape, build)) check(element, build)
  return plugins
}

function planned({ name, value }: Element): PlannedPlugin {
  return {
    name,
    executor: textAt(value, 'executor') ?? '',
    install: fieldOf(value, 'install') !== false,
    source: textAt(value, 'source') ?? null,
    packageName: textAt(value, 'package_name') ?? null,
    packageVersion: textAt(value, 'package_version') ?? null,
    properties: objectAt(value, 'properties'),
    written: writtenFields(value),
  }
}

function writtenFields(value: Json): JsonObject {
  const fields: Record<string, Json> = {}
  for (const key of keptFields) {
    const field = fieldOf(value, key) ?? null
    if (field !== null) fields[key] = field
  }
  return fields
}

const keptFields = [
  'install_arguments',
  'supported_platform',
  'distribution',
  'distribution_version',
  'distribution_release',
  'properties_description',
]

function check(element: Element, build: Build): void {
  const { name, value } = element
  const executor = textAt(value, 'executor') ?? ''
  if (executor !== 'central_deployment_agent' && executor !== 'host_agent') {
    build.reporter.add('blueprint.plugin_executor', placeIn(element, 'executor'), { plugin: name, executor })
  }
  const isInstallable = (textAt(value, 'source') ?? textAt(value, 'package_name')) !== undefined
  if (fieldOf(value, 'install') !== false && !isInstallable) {
    build.reporter.add('blueprint.plugin_not_installable', { ...placeIn(element), aim: 'key' }, { plugin: name })
  }
}

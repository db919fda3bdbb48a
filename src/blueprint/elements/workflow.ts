// workflows: names and parameters of what can be executed, and the plugin functions behind them.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { type Element, placeIn } from '../document.ts'
import type { ParameterSchema, PlannedWorkflow } from '../plan.ts'
import { fieldOf, objectAt, textAt, wellFormed } from './build.ts'
import { checkConstraints } from './constraint.ts'
import { propertyFields, readSchema } from './property-schema.ts'
import type { Scene } from './scene.ts'
import { flag, listOf, mapOf, oneOf, record, text } from './shape.ts'

export const shape = oneOf(
  text,
  record({
    mapping: { shape: text, required: true },
    parameters: mapOf(record(propertyFields)),
    is_cascading: flag,
    availability_rules: {
      shape: record({ available: flag, node_instances_active: listOf(text), node_types_required: listOf(text) }),
      since: 4,
    },
  }),
)

const states: ReadonlySet<string> = new Set(['all', 'partial', 'none'])

export function readWorkflows(scene: Scene): Record<string, PlannedWorkflow> {
  const workflows: Record<string, PlannedWorkflow> = {}
  for (const element of wellFormed('workflows', shape, scene.build)) {
    const planned = planOne(element, scene)
    if (planned !== undefined) workflows[element.name] = planned
  }
  return workflows
}

function planOne(element: Element, scene: Scene): PlannedWorkflow | undefined {
  const { value, name } = element
  if (value === null) return undefined
  const mapping = typeof value === 'string' ? value : (textAt(value, 'mapping') ?? '')
  const rules = fieldOf(value, 'availability_rules') ?? null
  checkRules(rules, element, scene)
  const parameters = readParameters(element, scene)
  const mapped = scene.mapper.map(mapping, element, 'execute_workflow')
  const owner = `workflow '${name}'`
  const place = typeof value === 'string' ? placeIn(element) : placeIn(element, 'mapping')
  const details = { owner, implementation: mapping.split('\n')[0] ?? '' }
  const { reporter } = scene.build
  if ('failure' in mapped) {
    if (mapped.failure === 'ambiguous') {
      reporter.add('blueprint.ambiguous_plugin', place, { ...details, plugins: mapped.plugins.join(', ') })
    } else if (mapped.failure === 'no_script_plugin') reporter.add('blueprint.no_script_plugin', place, details)
    else reporter.add('blueprint.unmapped_workflow', place, { ...details, near: mapped.near })
    return undefined
  }
  const { script } = mapped
  if (script !== undefined && Object.hasOwn(parameters, script.input)) {
    reporter.add('blueprint.script_input', placeIn(element, 'parameters', script.input), {
      ...details,
      input: script.input,
    })
  }
  const scriptParameter =
    script === undefined
      ? {}
      : { [script.input]: { default: script.value, description: 'Workflow script executed by the script plugin' } }
  return {
    plugin: mapped.plugin,
    operation: mapped.operation,
    parameters: { ...parameters, ...scriptParameter },
    isCascading: fieldOf(value, 'is_cascading') === true,
    availabilityRules: isJsonObject(rules) ? rules : null,
  }
}

function readParameters(element: Element, scene: Scene): Record<string, ParameterSchema> {
  const written = objectAt(element.value, 'parameters')
  const schema = readSchema(written, element, ['parameters'], scene.types, scene.build)
  const parameters: Record<string, ParameterSchema> = {}
  for (const [name, property] of schema.properties) {
    const { writtenDefault: _written, ...known } = property
    const rest: JsonObject = isJsonObject(written[name]) ? (written[name] as JsonObject) : {}
    checkConstraints(
      rest['constraints'] ?? null,
      name,
      (path) => placeIn(element, 'parameters', name, 'constraints', ...path),
      scene.build,
    )
    parameters[name] = { ...(rest as ParameterSchema), ...known }
  }
  return parameters
}

function checkRules(rules: Json, element: Element, scene: Scene): void {
  const active = fieldOf(rules, 'node_instances_active')
  if (!Array.isArray(active)) return
  const bad = (active as readonly Json[]).findIndex((state) => !states.has(String(state)))
  if (bad === -1) return
  const place = placeIn(element, 'availability_rules', 'node_instances_active', bad)
  const details = { key: 'node_instances_active', value: String(active[bad]), reason: 'it takes all, partial and none' }
  scene.build.reporter.add('blueprint.bad_value', place, details)
}

// Which workflows a deployment has: those its blueprint maps, and our own.
import type { ParameterSchema, Plan } from '../blueprint/plan.ts'
import { fault } from '../kernel/fault.ts'
import type { Json } from '../kernel/json.ts'
import { suggestion } from '../lifecycle/selection.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import type { Workflow } from '../plugins/contract/workflow.ts'
import { builtInByMapping, builtInWorkflows } from '../workflows/built-in.ts'
import type { WorkflowRecord } from './api.ts'

export interface ResolvedWorkflow {
  readonly name: string
  readonly definition: Workflow
  /** What the blueprint declares; its defaults win over the definition's. */
  readonly declared: Readonly<Record<string, ParameterSchema>>
}

export type PluginLookup = (name: string) => Promise<Plugin | undefined>

/** @throws Fault `plan.unknown_workflow`, or `plan.no_plugin` when what the blueprint maps is not there. */
export async function resolveWorkflow(
  name: string,
  plan: Plan,
  blueprintId: string,
  plugins: PluginLookup,
): Promise<ResolvedWorkflow> {
  const planned = Object.hasOwn(plan.workflows, name) ? plan.workflows[name] : undefined
  if (!planned) {
    const definition = builtInWorkflows.find((workflow) => workflow.name === name)
    if (definition) return { name, definition, declared: {} }
    throw fault('plan.unknown_workflow', {
      details: { blueprint: blueprintId, workflow: name, near: suggestion(name, workflowNames(plan)) },
    })
  }
  const { plugin, operation, parameters } = planned
  const definition = builtInByMapping(plugin, operation) ?? (await plugins(plugin))?.workflows?.[operation]
  if (definition) return { name, definition, declared: parameters }
  throw fault('plan.unsupported', {
    details: { node: '-', operation: name, reason: `no plugin provides the workflow ${plugin}.${operation}` },
    message: `workflow '${name}': no plugin provides '${plugin}.${operation}'`,
  })
}

/** Everything that can be started: workflows whose mapping nobody serves are left out. */
export async function listWorkflows(plan: Plan, plugins: PluginLookup): Promise<readonly WorkflowRecord[]> {
  const found: WorkflowRecord[] = []
  for (const name of workflowNames(plan)) {
    const planned = plan.workflows[name]
    const definition = planned
      ? (builtInByMapping(planned.plugin, planned.operation) ??
        (await plugins(planned.plugin).catch(() => undefined))?.workflows?.[planned.operation])
      : builtInWorkflows.find((workflow) => workflow.name === name)
    if (definition) found.push(recordOf(name, definition, planned?.parameters ?? {}))
  }
  return found
}

function workflowNames(plan: Plan): string[] {
  const names = new Set([...Object.keys(plan.workflows), ...builtInWorkflows.map((workflow) => workflow.name)])
  return [...names].toSorted()
}

function recordOf(
  name: string,
  definition: Workflow,
  declared: Readonly<Record<string, ParameterSchema>>,
): WorkflowRecord {
  const own = Object.entries(propertiesOf(definition)).map(([key, schema]) => [key, schemaOf(schema)] as const)
  return { name, description: definition.description ?? null, parameters: { ...Object.fromEntries(own), ...declared } }
}

/** The JSON schema of one parameter, as far as we read it. */
export interface PropertySchema {
  readonly type?: string
  readonly default?: Json
  readonly description?: string
  readonly anyOf?: readonly PropertySchema[]
}

export function propertiesOf(definition: Workflow): Readonly<Record<string, PropertySchema>> {
  return (definition.parameters as { properties?: Readonly<Record<string, PropertySchema>> }).properties ?? {}
}

const dslTypes: Readonly<Record<string, string>> = { number: 'float', array: 'list', object: 'dict' }

function schemaOf(schema: PropertySchema): ParameterSchema {
  const type = schema.type ?? schema.anyOf?.[0]?.type
  return {
    ...(type === undefined ? {} : { type: dslTypes[type] ?? type }),
    ...(schema.default === undefined ? {} : { default: schema.default }),
    ...(schema.description === undefined ? {} : { description: schema.description }),
    required: schema.default === undefined,
  }
}

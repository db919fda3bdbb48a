// Puts a namespace before the names in an imported element: its own references and those inside functions.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { primitiveTypes } from '../elements/primitive-types.ts'
import { readCall } from '../functions/call.ts'

/** `ns--name`; names of Cloudify itself stay. */
export function withNamespace(namespace: string, name: string): string {
  return namespace === '' || name.startsWith('cloudify.') ? name : `${namespace}--${name}`
}

type Rewrite = (value: Json, namespace: string) => Json

/** Rewrites the value of an element of a section. */
export function namespaced(section: string, value: Json, namespace: string): Json {
  const rewrite = Object.hasOwn(rewrites, section) ? rewrites[section] : undefined
  return namespace === '' || rewrite === undefined ? value : rewrite(value, namespace)
}

const name: Rewrite = (value, namespace) => (typeof value === 'string' ? withNamespace(namespace, value) : value)
const typeName: Rewrite = (value, namespace) =>
  typeof value === 'string' && !primitiveTypes.has(value) ? withNamespace(namespace, value) : value
const names: Rewrite = (value, namespace) =>
  Array.isArray(value) ? (value as readonly Json[]).map((item) => name(item, namespace)) : value

function fields(rewriteOf: Readonly<Record<string, Rewrite>>): Rewrite {
  return (value, namespace) => {
    if (!isJsonObject(value)) return value
    return mapEntries(value, (item, key) => {
      const rewrite = Object.hasOwn(rewriteOf, key) ? rewriteOf[key] : undefined
      return rewrite === undefined ? item : rewrite(item, namespace)
    })
  }
}

function each(rewrite: Rewrite): Rewrite {
  return (value, namespace) => {
    if (Array.isArray(value)) return (value as readonly Json[]).map((item) => rewrite(item, namespace))
    return isJsonObject(value) ? mapEntries(value, (item) => rewrite(item, namespace)) : value
  }
}

function mapEntries(value: JsonObject, change: (item: Json, key: string) => Json): JsonObject {
  const result: Record<string, Json> = {}
  for (const key of Object.keys(value)) result[key] = change(value[key] as Json, key)
  return result
}

/** Functions anywhere in a value. */
const functions: Rewrite = (value, namespace) => {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => functions(item, namespace))
  if (!isJsonObject(value)) return value
  const call = readCall(value)
  if (call === undefined) return mapEntries(value, (item) => functions(item, namespace))
  const args = functions(call.args, namespace)
  return { ...value, [call.name]: rewriteArguments(call.name, args, namespace) }
}

const spoken = new Set(['SELF', 'SOURCE', 'TARGET'])
const namesAnInput = new Set(['get_input'])
const namesANode = new Set(['get_property', 'get_attribute', 'get_attributes_list', 'get_attributes_dict'])

function rewriteArguments(called: string, args: Json, namespace: string): Json {
  if (namesAnInput.has(called) && typeof args === 'string') return withNamespace(namespace, args)
  if (!Array.isArray(args) || (!namesAnInput.has(called) && !namesANode.has(called))) return args
  const [first, ...rest] = args as readonly Json[]
  if (typeof first !== 'string' || spoken.has(first)) return args
  return [withNamespace(namespace, first), ...rest]
}

const schema = each(fields({ type: typeName, item_type: typeName, default: functions }))
const typeOperation: Rewrite = (value, namespace) =>
  typeof value === 'string'
    ? name(value, namespace)
    : fields({ implementation: implementation, inputs: schema })(value, namespace)
const templateOperation: Rewrite = (value, namespace) =>
  typeof value === 'string'
    ? implementation(value, namespace)
    : fields({ implementation, inputs: functions })(value, namespace)
const typeInterfaces = each(each(typeOperation))
const templateInterfaces = each(each(templateOperation))
const workflow: Rewrite = (value, namespace) =>
  typeof value === 'string'
    ? implementation(value, namespace)
    : fields({ mapping: implementation, parameters: schema })(value, namespace)

function implementation(value: Json, namespace: string): Json {
  return typeof value === 'string' && value !== '' && !value.includes('\n') ? name(value, namespace) : value
}

const outputs = fields({ value: functions })

const rewrites: Readonly<Record<string, Rewrite>> = {
  inputs: fields({ type: typeName, item_type: typeName, default: functions, constraints: (value) => value }),
  data_types: fields({ derived_from: typeName, properties: schema }),
  node_types: fields({ derived_from: typeName, properties: schema, interfaces: typeInterfaces }),
  relationships: fields({
    derived_from: typeName,
    properties: schema,
    source_interfaces: typeInterfaces,
    target_interfaces: typeInterfaces,
  }),
  node_templates: fields({
    type: typeName,
    properties: functions,
    capabilities: functions,
    interfaces: templateInterfaces,
    relationships: each(
      fields({
        type: typeName,
        target: name,
        properties: functions,
        source_interfaces: templateInterfaces,
        target_interfaces: templateInterfaces,
      }),
    ),
  }),
  policy_types: fields({ properties: schema }),
  policy_triggers: fields({ parameters: schema }),
  groups: fields({
    members: names,
    policies: each(
      fields({
        type: typeName,
        properties: functions,
        triggers: each(fields({ type: typeName, parameters: functions })),
      }),
    ),
  }),
  policies: fields({ type: typeName, targets: names, properties: functions }),
  workflows: workflow,
  outputs,
  capabilities: outputs,
  labels: fields({ values: functions }),
}

// The shape of a blueprint as JSON Schema, for editors. Made of the shapes that the parser itself compares with.
import type { Json, JsonObject } from '../kernel/json.ts'
import type { NamedSection } from './document.ts'
import { constraintNames } from './elements/constraint.ts'
import { shape as dataType } from './elements/data-type.ts'
import { shape as deploymentSettings } from './elements/deployment-settings.ts'
import { shape as group } from './elements/group.ts'
import { shape as input } from './elements/input.ts'
import { shape as label } from './elements/label.ts'
import { shape as nodeTemplate } from './elements/node-template.ts'
import { shape as nodeType } from './elements/node-type.ts'
import { templateInterfacesShape, typeInterfacesShape } from './elements/operation.ts'
import { shape as output } from './elements/output.ts'
import { shape as plugin } from './elements/plugin.ts'
import { shape as policy } from './elements/policy.ts'
import { shapes as policyTypes } from './elements/policy-type.ts'
import { constraintsShape, schemaShape } from './elements/property-schema.ts'
import { shape as relationshipType } from './elements/relationship-type.ts'
import { relationshipsShape } from './elements/relationship.ts'
import { scalablePropertiesShape } from './elements/scalable.ts'
import { anything, type Field, oneOf, record, type Shape } from './elements/shape.ts'
import { shape as workflow } from './elements/workflow.ts'
import { versionName, versions } from './version.ts'

interface Section {
  readonly shape: Shape
  readonly description: string
}

/** A file may add relationships to a node that another file defines. */
const moreRelationships = record({ relationships: { shape: relationshipsShape, required: true } })

const sections: Readonly<Record<NamedSection, Section>> = {
  inputs: { shape: input, description: 'What a deployment is asked for.' },
  plugins: { shape: plugin, description: 'What implementations of operations and workflows refer to.' },
  data_types: { shape: dataType, description: 'Dicts with a schema, for properties and inputs.' },
  node_types: { shape: nodeType, description: 'Properties and operations that all nodes of a type have.' },
  relationships: { shape: relationshipType, description: 'Types of relationships between nodes.' },
  node_templates: { shape: oneOf(nodeTemplate, moreRelationships), description: 'The nodes themselves.' },
  policy_types: { shape: policyTypes.policy_types, description: 'Read for old blueprints; nothing acts on them.' },
  policy_triggers: {
    shape: policyTypes.policy_triggers,
    description: 'Read for old blueprints; nothing acts on them.',
  },
  groups: { shape: group, description: 'Nodes and other groups under one name.' },
  policies: { shape: policy, description: 'How groups are scaled.' },
  workflows: { shape: workflow, description: 'What can be executed.' },
  outputs: { shape: output, description: 'What a deployment shows to people.' },
  capabilities: { shape: output, description: 'What a deployment offers to other deployments.' },
  labels: { shape: label, description: 'Labels of deployments.' },
  blueprint_labels: { shape: label, description: 'Labels of the blueprint.' },
  resource_tags: { shape: anything, description: 'Tags of what a deployment makes with a provider.' },
}

/** Shapes that stand in many places: written once, referred to by name. */
const shared: ReadonlyMap<Shape, string> = new Map([
  [schemaShape, 'propertySchemas'],
  [typeInterfacesShape, 'typeInterfaces'],
  [templateInterfacesShape, 'templateInterfaces'],
  [relationshipsShape, 'relationships'],
  [scalablePropertiesShape, 'scalableProperties'],
  [constraintsShape, 'constraints'],
])

/**
 * JSON Schema, draft 2020-12, of one blueprint file. It knows shapes only: whether a type or a target exists is for
 * `parseBlueprint` to say. Whatever the parser accepts fits it.
 *
 * @example
 * console.log(languageSchema().properties.inputs.description) // What a deployment is asked for.
 */
export function languageSchema(): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Cloudify DSL blueprint, as fermata reads it',
    type: 'object',
    properties: {
      tosca_definitions_version: {
        description: 'The version of the language. A main file needs it.',
        enum: [...versions],
      },
      description: { type: ['string', 'null'], description: since('What the blueprint is for.', 2) },
      imports: imports(),
      ...Object.fromEntries(Object.entries(sections).map(([name, section]) => [name, sectionSchema(section)])),
      metadata: { type: ['object', 'null'], description: 'Anything; it is kept with the plan.' },
      dsl_definitions: { type: ['object', 'array', 'null'], description: since('A place for YAML anchors.', 2) },
      deployment_settings: {
        ...schemaOf(deploymentSettings),
        description: 'Names, groups and schedules of deployments.',
      },
      upload_resources: { deprecated: true, description: 'Does nothing here; old blueprints have it.' },
    },
    additionalProperties: false,
    $defs: Object.fromEntries(
      [...shared].map(([shape, name]) => [name, shape === constraintsShape ? constraints() : schemaOf(shape)]),
    ),
  }
}

function sectionSchema({ shape, description }: Section): JsonObject {
  return { type: ['object', 'null'], description, additionalProperties: orNull(schemaOf(shape)) }
}

function imports(): JsonObject {
  const entry = { anyOf: [{ type: 'string' }, { type: 'object', minProperties: 1, maxProperties: 1 }] }
  return {
    type: ['array', 'null'],
    description: 'Other files, types and plugins that belong to the blueprint.',
    items: entry,
  }
}

function constraints(): JsonObject {
  const named = Object.fromEntries(constraintNames.map((name): [string, Json] => [name, true]))
  return {
    type: ['array', 'null'],
    items: { type: 'object', properties: { ...named, error_message: { type: 'string' } }, additionalProperties: false },
  }
}

/** Null counts as absent everywhere but in what is required. */
function schemaOf(shape: Shape): JsonObject {
  switch (shape.is) {
    case 'any':
      return {}
    case 'text':
      return { type: ['string', 'null'] }
    case 'integer':
      return { type: ['integer', 'null'] }
    case 'number':
      return { type: ['number', 'null'] }
    case 'flag':
      return { type: ['boolean', 'null'] }
    case 'dict':
      return { type: ['object', 'null'] }
    case 'list':
      return {
        type: ['array', 'null'],
        ...(shape.of === undefined ? {} : { items: reference(shape.of) }),
        ...(shape.notEmpty === true ? { minItems: 1 } : {}),
      }
    case 'map':
      return { type: ['object', 'null'], additionalProperties: reference(shape.of) }
    case 'record':
      return recordSchema(shape.fields)
    case 'oneOf':
      return { anyOf: shape.shapes.map(reference) }
    default:
      return shape satisfies never
  }
}

function reference(shape: Shape): JsonObject {
  const name = shared.get(shape)
  return name === undefined ? schemaOf(shape) : { $ref: `#/$defs/${name}` }
}

function recordSchema(fields: Readonly<Record<string, Field>>): JsonObject {
  const names = Object.keys(fields)
  const required = names.filter((name) => fields[name]?.required === true)
  const properties = names.map((name): [string, Json] => [name, fieldSchema(fields[name] as Field)])
  return {
    type: ['object', 'null'],
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
}

function fieldSchema({ shape, required, since: minor }: Field): JsonObject {
  const schema = required === true ? withoutNull(reference(shape)) : reference(shape)
  return minor === undefined ? schema : { ...schema, description: since('', minor) }
}

function withoutNull(schema: JsonObject): JsonObject {
  const { type } = schema
  if (Array.isArray(type)) return { ...schema, type: (type as readonly Json[]).filter((name) => name !== 'null') }
  return Object.keys(schema).length === 0 ? { not: { type: 'null' } } : schema
}

function orNull(schema: JsonObject): JsonObject {
  return Object.hasOwn(schema, 'anyOf')
    ? { anyOf: [...(schema['anyOf'] as readonly Json[]), { type: 'null' }] }
    : schema
}

function since(text: string, minor: 1 | 2 | 3 | 4 | 5 | 0): string {
  return `${text}${text === '' ? '' : ' '}Since ${versionName(minor)}.`
}

// The relationships of a node template.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/near.ts'
import { type Element, placeIn } from '../document.ts'
import { whatThereIs } from '../known-names.ts'
import { completeRecord } from '../merging/complete-value.ts'
import type { PlannedRelationship } from '../plan.ts'
import { objectAt, textAt } from './build.ts'
import { templateInterfacesShape } from './operation.ts'
import { planInterfaces } from './planned-interfaces.ts'
import type { RelationshipType } from './relationship-type.ts'
import type { Scene } from './scene.ts'
import { dict, listOf, record, text } from './shape.ts'

export const containedIn = 'cloudify.relationships.contained_in'
const lifecycleDependency = 'cloudify.relationships.depends_on_lifecycle_operation'

export const relationshipsShape = listOf(
  record({
    type: { shape: text, required: true },
    target: { shape: text, required: true },
    properties: dict,
    source_interfaces: templateInterfacesShape,
    target_interfaces: templateInterfacesShape,
  }),
)

export function planRelationships(element: Element, scene: Scene): PlannedRelationship[] {
  const list = isJsonObject(element.value) ? element.value['relationships'] : undefined
  if (!Array.isArray(list)) return []
  const planned: PlannedRelationship[] = []
  for (const [index, item] of (list as readonly Json[]).entries()) {
    const relationship = isJsonObject(item) ? planOne(item, index, element, scene) : undefined
    if (relationship !== undefined) planned.push(relationship)
  }
  checkContainers(planned, element, scene)
  return planned
}

function planOne(value: JsonObject, index: number, element: Element, scene: Scene): PlannedRelationship | undefined {
  const target = textAt(value, 'target') ?? ''
  const type = typeOf(value, index, element, scene)
  const isTargetGood = checkTarget(target, index, element, scene)
  if (type === undefined) return undefined
  const properties = completeRecord(objectAt(value, 'properties'), type.schema, type.schema.defaults, {
    types: scene.types,
    owner: `node '${element.name}', relationship to '${target}'`,
    typeName: type.name,
    requiresAll: true,
    reporter: scene.build.reporter,
    placeOf: (path) => placeIn(element, 'relationships', index, 'properties', ...path),
  })
  if (isTargetGood) checkLifecycleOperation(type, properties, target, index, element, scene)
  const operationsAt = (end: 'source_interfaces' | 'target_interfaces') =>
    planInterfaces(
      objectAt(value, end),
      end === 'source_interfaces' ? type.sourceInterfaces : type.targetInterfaces,
      {
        element,
        path: ['relationships', index, end],
        owner: `node '${element.name}', relationship to '${target}'`,
        unmapped: 'blueprint.unmapped_relationship_operation',
      },
      scene,
    )
  return {
    type: type.name,
    typeHierarchy: type.hierarchy,
    target,
    properties,
    sourceOperations: operationsAt('source_interfaces'),
    targetOperations: operationsAt('target_interfaces'),
  }
}

function typeOf(value: JsonObject, index: number, element: Element, scene: Scene): RelationshipType | undefined {
  const type = textAt(value, 'type') ?? ''
  if (!scene.relationshipTypes.has(type)) {
    const near = didYouMean(type, scene.relationshipTypes.keys()) ?? whatThereIs(scene.relationshipTypes.keys())
    const details = { node: element.name, type, near }
    scene.build.reporter.add(
      'blueprint.unknown_relationship_type',
      placeIn(element, 'relationships', index, 'type'),
      details,
    )
  }
  return scene.relationshipTypes.get(type)
}

function checkTarget(target: string, index: number, element: Element, scene: Scene): boolean {
  const { reporter, document } = scene.build
  const place = placeIn(element, 'relationships', index, 'target')
  const nodes = document.sections.node_templates
  if (!nodes.has(target)) {
    const near = didYouMean(target, nodes.keys()) ?? whatThereIs(nodes.keys(), element.name)
    reporter.add('blueprint.unknown_target', place, { node: element.name, target, near })
    return false
  }
  if (target !== element.name) return true
  reporter.add('blueprint.target_is_self', place, { node: element.name })
  return false
}

function checkContainers(relationships: readonly PlannedRelationship[], element: Element, scene: Scene): void {
  const containers = relationships.filter(({ typeHierarchy }) => typeHierarchy.includes(containedIn))
  if (containers.length < 2) return
  const targets = containers.map(({ target }) => `'${target}'`).join(' and ')
  scene.build.reporter.add(
    'blueprint.contained_twice',
    { ...placeIn(element, 'relationships'), aim: 'key' },
    { node: element.name, targets },
  )
}

/** Such a relationship waits for one operation of its target, which has to define it itself. */
function checkLifecycleOperation(
  type: RelationshipType,
  properties: JsonObject,
  target: string,
  index: number,
  element: Element,
  scene: Scene,
): void {
  if (!type.hierarchy.includes(lifecycleDependency)) return
  const { reporter, document } = scene.build
  const place = placeIn(element, 'relationships', index, 'properties')
  const operation = properties['operation']
  if (typeof operation !== 'string' || operation === '') {
    reporter.add('blueprint.lifecycle_operation_missing', place, { node: element.name, target })
    return
  }
  const interfaces = objectAt(document.sections.node_templates.get(target)?.value, 'interfaces')
  if (Object.hasOwn(objectAt(interfaces, 'cloudify.interfaces.lifecycle'), operation)) return
  reporter.add('blueprint.lifecycle_operation_unknown', place, { node: element.name, operation, target })
}

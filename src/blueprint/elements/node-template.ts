// node_templates: the nodes themselves, with everything their types give them.
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/near.ts'
import { type Element, placeIn } from '../document.ts'
import { whatThereIs } from '../known-names.ts'
import { completeRecord } from '../merging/complete-value.ts'
import type { PlannedNode, PlannedRelationship } from '../plan.ts'
import { fieldOf, fitsShape, objectAt, textAt } from './build.ts'
import type { NodeType } from './node-type.ts'
import { templateInterfacesShape } from './operation.ts'
import { planInterfaces } from './planned-interfaces.ts'
import { planRelationships, relationshipsShape } from './relationship.ts'
import { readScale, scalablePropertiesShape, type Scale, single } from './scalable.ts'
import type { Scene } from './scene.ts'
import { dict, integer, record, text } from './shape.ts'

export const shape = record({
  type: { shape: text, required: true },
  instances: record({ deploy: { shape: integer, required: true } }),
  capabilities: { shape: record({ scalable: record({ properties: scalablePropertiesShape }) }), since: 3 },
  interfaces: templateInterfacesShape,
  relationships: relationshipsShape,
  properties: dict,
})

/** A node before its host and plugins are known, and before functions in its scale are evaluated. */
export interface DraftNode extends Omit<PlannedNode, 'hostId' | 'plugins' | 'instances'> {
  readonly element: Element
  readonly scale: Scale
}

export function readNodeTemplates(scene: Scene): DraftNode[] {
  const nodes: DraftNode[] = []
  for (const element of scene.build.document.sections.node_templates.values()) {
    if (!fitsShape(element, shape, scene.build)) continue
    const type = nodeTypeOf(element, scene)
    // A node of a broken type still has relationships that can be checked.
    const relationships = planRelationships(element, scene)
    if (type !== undefined) nodes.push(draft(element, type, relationships, scene))
  }
  return nodes
}

function nodeTypeOf(element: Element, scene: Scene): NodeType | undefined {
  const type = textAt(element.value, 'type')
  if (type === undefined) return undefined
  if (!scene.nodeTypes.has(type)) {
    const near = didYouMean(type, scene.nodeTypes.keys()) ?? missingImport(type, scene) ?? whatThereIs(ownTypes(scene))
    scene.build.reporter.add('blueprint.unknown_node_type', placeIn(element, 'type'), {
      node: element.name,
      type,
      near,
    })
  }
  return scene.nodeTypes.get(type)
}

/** The built-in ones are too many to be a hint. */
function* ownTypes(scene: Scene): Generator<string> {
  for (const { name, source } of scene.build.document.sections.node_types.values()) if (!source.isBundled) yield name
}

function missingImport(type: string, scene: Scene): string | undefined {
  const hasBuiltin = scene.nodeTypes.has('cloudify.nodes.Root')
  return type.startsWith('cloudify.nodes.') && !hasBuiltin
    ? 'import cloudify/types/types.yaml, which defines it'
    : undefined
}

function draft(
  element: Element,
  type: NodeType,
  relationships: readonly PlannedRelationship[],
  scene: Scene,
): DraftNode {
  const { name, value } = element
  const owner = `node '${name}'`
  return {
    element,
    id: name,
    type: type.name,
    typeHierarchy: type.hierarchy,
    properties: completeRecord(objectAt(value, 'properties'), type.schema, type.schema.defaults, {
      types: scene.types,
      owner,
      typeName: type.name,
      hierarchy: type.hierarchy,
      requiresAll: true,
      reporter: scene.build.reporter,
      placeOf: (path) => placeIn(element, 'properties', ...path),
    }),
    operations: planInterfaces(
      objectAt(value, 'interfaces'),
      type.interfaces,
      { element, path: ['interfaces'], owner, unmapped: 'blueprint.unmapped_operation' },
      scene,
    ),
    relationships,
    scale: scaleOf(element, value, scene),
  }
}

function scaleOf(element: Element, value: Json, scene: Scene): Scale {
  const instances = fieldOf(value, 'instances') ?? null
  const capabilities = fieldOf(value, 'capabilities') ?? null
  const { reporter } = scene.build
  if (capabilities !== null) {
    if (instances !== null)
      reporter.add('blueprint.instances_twice', placeIn(element, 'instances'), { node: element.name })
    const scalable = isJsonObject(capabilities) ? objectAt(capabilities, 'scalable') : {}
    return readScale(objectAt(scalable, 'properties'), element, ['capabilities', 'scalable', 'properties'], scene.build)
  }
  const deploy = fieldOf(instances ?? undefined, 'deploy')
  if (typeof deploy !== 'number') return single
  if (deploy < 0) {
    const details = { key: 'deploy', value: deploy, reason: 'it must be 0 or more' }
    reporter.add('blueprint.bad_value', placeIn(element, 'instances', 'deploy'), details)
  }
  return { ...single, default: deploy }
}

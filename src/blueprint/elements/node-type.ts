// node_types: properties and interfaces, inherited along derived_from.
import { mergeSchemas } from '../merging/merge-schemas.ts'
import type { Element } from '../document.ts'
import { type Build, fitsShape, objectAt } from './build.ts'
import type { DataTypes } from './data-type.ts'
import { readHierarchies } from './hierarchy.ts'
import { typeInterfacesShape } from './operation.ts'
import { emptySchema, readSchema, type Schema, schemaShape } from './property-schema.ts'
import { record, text, type Shape } from './shape.ts'
import { noInterfaces, readTypeInterfaces, type TypeInterfaces } from './type-interfaces.ts'

export const shape: Shape = record({
  derived_from: text,
  interfaces: typeInterfacesShape,
  properties: schemaShape,
  runtime_properties: schemaShape,
})

export interface NodeType {
  readonly name: string
  /** Root first, the type itself last. */
  readonly hierarchy: readonly string[]
  readonly schema: Schema
  readonly interfaces: TypeInterfaces
}

/** All node types; a type with a problem is undefined, so that it is not taken for unknown. */
export function readNodeTypes(types: DataTypes, build: Build): Map<string, NodeType | undefined> {
  const elements = build.document.sections.node_types
  const result = new Map<string, NodeType | undefined>()
  const broken = new Set([...elements.values()].filter((element) => !fitsShape(element, shape, build)))
  const hierarchies = readHierarchies(elements, build)
  const read = (element: Element): NodeType | undefined => {
    if (result.has(element.name)) return result.get(element.name)
    const hierarchy = hierarchies.get(element.name)
    const parentName = hierarchy?.at(-2)
    const parentElement = parentName === undefined ? undefined : elements.get(parentName)
    const parent = parentElement === undefined ? undefined : read(parentElement)
    const isLost =
      hierarchy === undefined || broken.has(element) || (parentElement !== undefined && parent === undefined)
    const type = isLost ? undefined : readOne(element, hierarchy, parent, types, build)
    result.set(element.name, type)
    return type
  }
  for (const element of elements.values()) read(element)
  return result
}

function readOne(
  element: Element,
  hierarchy: readonly string[],
  parent: NodeType | undefined,
  types: DataTypes,
  build: Build,
): NodeType {
  const own = readSchema(objectAt(element.value, 'properties'), element, ['properties'], types, build)
  const interfaces = objectAt(element.value, 'interfaces')
  return {
    name: element.name,
    hierarchy,
    schema: mergeSchemas(parent?.schema ?? emptySchema, own, types, build.reporter),
    interfaces: readTypeInterfaces(interfaces, 'interfaces', element, parent?.interfaces ?? noInterfaces, types, build),
  }
}

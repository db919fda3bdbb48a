// node_types: properties and interfaces, inherited along derived_from.
import { mergeSchemas } from '../merging/merge-schemas.ts'
import type { Element } from '../document.ts'
import { type Build, objectAt } from './build.ts'
import type { DataTypes } from './data-type.ts'
import { readDerivedTypes } from './derived-types.ts'
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
  return readDerivedTypes<NodeType>(build.document.sections.node_types, shape, build, (element, hierarchy, parent) =>
    readOne(element, hierarchy, parent, types, build),
  )
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

// relationships: types of relationships, with interfaces for both ends.
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
  properties: schemaShape,
  source_interfaces: typeInterfacesShape,
  target_interfaces: typeInterfacesShape,
})

export interface RelationshipType {
  readonly name: string
  /** Root first, the type itself last. */
  readonly hierarchy: readonly string[]
  readonly schema: Schema
  readonly sourceInterfaces: TypeInterfaces
  readonly targetInterfaces: TypeInterfaces
}

/** All relationship types; a type with a problem is undefined. */
export function readRelationshipTypes(types: DataTypes, build: Build): Map<string, RelationshipType | undefined> {
  return readDerivedTypes<RelationshipType>(
    build.document.sections.relationships,
    shape,
    build,
    (element, hierarchy, parent) => readOne(element, hierarchy, parent, types, build),
  )
}

function readOne(
  element: Element,
  hierarchy: readonly string[],
  parent: RelationshipType | undefined,
  types: DataTypes,
  build: Build,
): RelationshipType {
  const own = readSchema(objectAt(element.value, 'properties'), element, ['properties'], types, build)
  const interfacesOf = (section: 'source_interfaces' | 'target_interfaces', inherited: TypeInterfaces | undefined) =>
    readTypeInterfaces(objectAt(element.value, section), section, element, inherited ?? noInterfaces, types, build)
  return {
    name: element.name,
    hierarchy,
    schema: mergeSchemas(parent?.schema ?? emptySchema, own, types, build.reporter),
    sourceInterfaces: interfacesOf('source_interfaces', parent?.sourceInterfaces),
    targetInterfaces: interfacesOf('target_interfaces', parent?.targetInterfaces),
  }
}

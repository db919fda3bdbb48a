// relationships: types of relationships, with interfaces for both ends.
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
  const elements = build.document.sections.relationships
  const result = new Map<string, RelationshipType | undefined>()
  const broken = new Set([...elements.values()].filter((element) => !fitsShape(element, shape, build)))
  const hierarchies = readHierarchies(elements, build)
  const read = (element: Element): RelationshipType | undefined => {
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

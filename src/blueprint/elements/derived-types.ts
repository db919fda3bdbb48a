// Types with single inheritance: each is read after the type it is derived from, and is lost when that one is.
import { type Build, fitsShape } from './build.ts'
import type { Element } from '../document.ts'
import { readHierarchies } from './hierarchy.ts'
import type { Shape } from './shape.ts'

/** Reads one type, whose hierarchy holds and whose parent, if it has one, was read. */
export type ReadOne<Type> = (element: Element, hierarchy: readonly string[], parent: Type | undefined) => Type

/** All of them by name; a type with a problem is undefined, so that it is not taken for unknown. */
export function readDerivedTypes<Type>(
  elements: ReadonlyMap<string, Element>,
  shape: Shape,
  build: Build,
  readOne: ReadOne<Type>,
): Map<string, Type | undefined> {
  const result = new Map<string, Type | undefined>()
  const broken = new Set([...elements.values()].filter((element) => !fitsShape(element, shape, build)))
  const hierarchies = readHierarchies(elements, build)
  const read = (element: Element): Type | undefined => {
    if (result.has(element.name)) return result.get(element.name)
    const hierarchy = hierarchies.get(element.name)
    const parentName = hierarchy?.at(-2)
    const parentElement = parentName === undefined ? undefined : elements.get(parentName)
    const parent = parentElement === undefined ? undefined : read(parentElement)
    const isLost =
      hierarchy === undefined || broken.has(element) || (parentElement !== undefined && parent === undefined)
    const type = isLost ? undefined : readOne(element, hierarchy, parent)
    result.set(element.name, type)
    return type
  }
  for (const element of elements.values()) read(element)
  return result
}

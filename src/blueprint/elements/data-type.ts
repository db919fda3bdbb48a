// data_types: dicts with a schema. They may nest and inherit, but not in circles.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { type Element, keyPlace, placeIn } from '../document.ts'
import { mergeSchemas } from '../merging/merge-schemas.ts'
import { versionName } from '../version.ts'
import { type Build, fitsShape, objectAt, textAt } from './build.ts'
import { type Hierarchies, readHierarchies } from './hierarchy.ts'
import { primitiveTypes } from './primitive-types.ts'
import { emptySchema, type PropertySchema, readSchema, type Schema, schemaShape } from './property-schema.ts'
import { record, text } from './shape.ts'

export const shape = record({ derived_from: text, properties: schemaShape, description: text, version: text })

export interface DataType {
  readonly name: string
  readonly schema: Schema
}

/** Whoever knows data types: a blueprint that is being read, or a finished plan. */
export interface DataTypeSource {
  get(name: string): DataType | undefined
}

/** Data types by name, each read when it is first asked for. */
export class DataTypes implements DataTypeSource {
  readonly #elements: ReadonlyMap<string, Element>
  readonly #build: Build
  readonly #hierarchies: Hierarchies
  readonly #known = new Map<string, DataType | undefined>()
  readonly #open: string[] = []

  constructor(build: Build) {
    this.#build = build
    this.#elements = build.document.sections.data_types
    checkVersion(build)
    for (const element of this.#elements.values()) {
      if (!fitsShape(element, shape, build)) this.#known.set(element.name, undefined)
      else if (primitiveTypes.has(element.name)) {
        build.reporter.add('blueprint.primitive_redefined', keyPlace(element), { type: element.name })
      }
    }
    this.#hierarchies = readHierarchies(this.#elements, build)
    for (const name of this.#elements.keys()) this.get(name)
  }

  /** There is such a type in the blueprint, be it broken. */
  isDeclared(name: string): boolean {
    return this.#elements.has(name)
  }

  names(): IterableIterator<string> {
    return this.#elements.keys()
  }

  get(name: string): DataType | undefined {
    if (this.#known.has(name)) return this.#known.get(name)
    const element = this.#elements.get(name)
    if (element === undefined || this.#hierarchies.get(name) === undefined) return undefined
    if (this.#open.includes(name) || this.#open.length > 100) {
      const cycle = [...this.#open.slice(Math.max(0, this.#open.indexOf(name))), name].join(' -> ')
      this.#build.reporter.add('blueprint.type_cycle', placeIn(element, 'properties'), { cycle })
      return undefined
    }
    this.#open.push(name)
    const type = this.#read(element)
    this.#open.pop()
    this.#known.set(name, type)
    return type
  }

  /** In the form of the plan: name -> properties, description, derived_from, version. */
  toJson(): JsonObject {
    const result: Record<string, Json> = {}
    for (const element of this.#elements.values()) {
      const type = this.get(element.name)
      if (type === undefined) continue
      result[element.name] = {
        properties: Object.fromEntries([...type.schema.properties].map(([name, property]) => [name, plain(property)])),
        description: textAt(element.value, 'description') ?? null,
        derived_from: textAt(element.value, 'derived_from') ?? null,
        version: textAt(element.value, 'version') ?? null,
      }
    }
    return result
  }

  #read(element: Element): DataType {
    const own = readSchema(objectAt(element.value, 'properties'), element, ['properties'], this, this.#build)
    const parentName = textAt(element.value, 'derived_from')
    const parent = parentName === undefined ? undefined : this.get(parentName)
    const schema = mergeSchemas(parent?.schema ?? emptySchema, own, this, this.#build.reporter)
    return { name: element.name, schema }
  }
}

function plain(property: PropertySchema): JsonObject {
  const { writtenDefault: _written, ...rest } = property
  return isJsonObject(rest) ? rest : {}
}

function checkVersion(build: Build): void {
  if (!build.checksVersion || build.document.minor >= 2) return
  for (const element of build.document.sections.data_types.values()) {
    if (element.source.isBundled) continue
    build.reporter.add(
      'blueprint.version_too_low',
      { source: element.source, path: ['data_types'], aim: 'key' },
      { feature: 'data_types', needed: versionName(2), version: build.document.version },
    )
    return
  }
}

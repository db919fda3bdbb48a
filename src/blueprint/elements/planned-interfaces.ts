// All operations of a node or of one end of a relationship: those of its type with the template's own above them.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { Element } from '../document.ts'
import { mergeOperation } from '../merging/merge-operation.ts'
import type { PlannedOperation } from '../plan.ts'
import type { ProblemCode } from '../problem-table.ts'
import type { Path } from '../source/source-file.ts'
import { readTemplateOperation, type TypeOperation } from './operation.ts'
import { doesNothing, type OperationSite, planOperation } from './planned-operation.ts'
import type { Scene } from './scene.ts'
import type { TypeInterfaces } from './type-interfaces.ts'

type PlannedOperations = Readonly<Record<string, PlannedOperation>>

interface InterfaceSite {
  readonly element: Element
  /** The way to the interfaces within the element. */
  readonly path: Path
  readonly owner: string
  readonly unmapped: ProblemCode
}

/** What the templates of one type share: most change no operation, and the others only a few. */
interface Inherited {
  /** By the names of the operations that a template writes itself. */
  readonly beside: Map<string, PlannedOperations>
  readonly single: Map<TypeOperation, PlannedOperation>
}

const inheritedOperations = new WeakMap<Scene, Map<TypeInterfaces, Inherited>>()

function inheritedBy(type: TypeInterfaces, scene: Scene): Inherited {
  const byType = inheritedOperations.get(scene) ?? new Map<TypeInterfaces, Inherited>()
  inheritedOperations.set(scene, byType)
  const known = byType.get(type) ?? { beside: new Map(), single: new Map() }
  byType.set(type, known)
  return known
}

export function planInterfaces(
  own: JsonObject,
  type: TypeInterfaces,
  site: InterfaceSite,
  scene: Scene,
): PlannedOperations {
  const written = operationsIn(own)
  const inherited = inheritedBeside(written, type, site, scene)
  if (written.length === 0) return inherited
  const result: Record<string, PlannedOperation> = { ...inherited }
  for (const { name, operation, content } of written) {
    const planned = planOne(name, operation, content, type.get(name)?.get(operation), site, scene)
    if (planned !== undefined) result[`${name}.${operation}`] = planned
  }
  return result
}

interface Written {
  readonly name: string
  readonly operation: string
  readonly content: Json
}

function operationsIn(own: JsonObject): Written[] {
  return Object.entries(own).flatMap(([name, operations]) =>
    Object.entries(isJsonObject(operations) ? operations : {}).map(([operation, content]) => ({
      name,
      operation,
      content: content as Json,
    })),
  )
}

/** The type's operations in their order; those that the template writes itself only hold their place. */
function inheritedBeside(
  written: readonly Written[],
  type: TypeInterfaces,
  site: InterfaceSite,
  scene: Scene,
): PlannedOperations {
  const { beside } = inheritedBy(type, scene)
  const replaced = new Set(written.map(({ name, operation }) => `${name}.${operation}`))
  const key = [...replaced].join('\0')
  const shared = beside.get(key)
  if (shared !== undefined) return shared
  const before = scene.build.reporter.count
  const result: Record<string, PlannedOperation> = {}
  for (const [name, operations] of type) {
    for (const [operation, declared] of operations) {
      const fullName = `${name}.${operation}`
      const planned = replaced.has(fullName) ? doesNothing : planInherited(name, operation, declared, type, site, scene)
      if (planned !== undefined) result[fullName] = planned
    }
  }
  // With a problem in it every heir has to be told; without one it is the same for all.
  if (scene.build.reporter.count === before) beside.set(key, result)
  return result
}

function planInherited(
  interfaceName: string,
  operation: string,
  declared: TypeOperation,
  type: TypeInterfaces,
  site: InterfaceSite,
  scene: Scene,
): PlannedOperation | undefined {
  const { single } = inheritedBy(type, scene)
  const known = single.get(declared)
  if (known !== undefined) return known
  const before = scene.build.reporter.count
  const planned = planOne(interfaceName, operation, undefined, declared, site, scene)
  if (planned !== undefined && scene.build.reporter.count === before) single.set(declared, planned)
  return planned
}

function planOne(
  interfaceName: string,
  operation: string,
  content: Json | undefined,
  declared: TypeOperation | undefined,
  site: InterfaceSite,
  scene: Scene,
): PlannedOperation | undefined {
  const path = [...site.path, interfaceName, operation]
  const template = content === undefined ? undefined : readTemplateOperation(content, site.element, path, scene.build)
  const merged = mergeOperation(template, declared)
  if (merged === undefined) return undefined
  const isFromType =
    declared !== undefined &&
    merged.implementation === declared.implementation &&
    template?.implementation !== merged.implementation
  const where: OperationSite = {
    element: isFromType ? declared.element : site.element,
    path: isFromType ? declared.path : path,
    givenBy: site.element,
    givenPath: path,
    owner: site.owner,
    operation: `${interfaceName}.${operation}`,
    unmapped: site.unmapped,
  }
  return planOperation(merged, where, scene)
}

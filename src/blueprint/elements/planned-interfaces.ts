// All operations of a node or of one end of a relationship: those of its type with the template's own above them.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { Element } from '../document.ts'
import { mergeOperation } from '../merging/merge-operation.ts'
import type { PlannedOperation } from '../plan.ts'
import type { ProblemCode } from '../problem-table.ts'
import type { Path } from '../source/source-file.ts'
import { readTemplateOperation, type TypeOperation } from './operation.ts'
import { type OperationSite, planOperation } from './planned-operation.ts'
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

/** Operations of types as templates inherit them; most templates change none, so all of those share one record. */
const inheritedOperations = new WeakMap<Scene, Map<TypeInterfaces, PlannedOperations>>()

export function planInterfaces(
  own: JsonObject,
  type: TypeInterfaces,
  site: InterfaceSite,
  scene: Scene,
): PlannedOperations {
  if (Object.keys(own).length === 0) return inherited(type, site, scene)
  const result: Record<string, PlannedOperation> = {}
  for (const [name, operations] of type) {
    const written = Object.hasOwn(own, name) ? own[name] : undefined
    for (const [operation, declared] of operations) {
      const content =
        isJsonObject(written) && Object.hasOwn(written, operation) ? (written[operation] as Json) : undefined
      const planned = planOne(name, operation, content, declared, site, scene)
      if (planned !== undefined) result[`${name}.${operation}`] = planned
    }
  }
  for (const [name, written] of Object.entries(own)) {
    for (const [operation, content] of Object.entries(isJsonObject(written) ? written : {})) {
      if (type.get(name)?.has(operation) === true) continue
      const planned = planOne(name, operation, content as Json, undefined, site, scene)
      if (planned !== undefined) result[`${name}.${operation}`] = planned
    }
  }
  return result
}

function inherited(type: TypeInterfaces, site: InterfaceSite, scene: Scene): PlannedOperations {
  const known = inheritedOperations.get(scene) ?? new Map<TypeInterfaces, PlannedOperations>()
  inheritedOperations.set(scene, known)
  const shared = known.get(type)
  if (shared !== undefined) return shared
  const before = scene.build.reporter.count
  const result: Record<string, PlannedOperation> = {}
  for (const [name, operations] of type) {
    for (const [operation, declared] of operations) {
      const planned = planOne(name, operation, undefined, declared, site, scene)
      if (planned !== undefined) result[`${name}.${operation}`] = planned
    }
  }
  // With a problem in it every heir has to be told; without one it is the same for all.
  if (scene.build.reporter.count === before) known.set(type, result)
  return result
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

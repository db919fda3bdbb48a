// The operations that rules ask about: their wire names, whether a node does them, and where they are written.
import { type Element, keyPlace, placeIn } from '../document.ts'
import { objectAt } from '../elements/build.ts'
import type { PlannedNode } from '../plan.ts'
import type { Place } from '../reporter.ts'
import type { LintScene } from './rule.ts'

export const wire = {
  prepare: 'cloudify.interfaces.freeze.fs_prepare',
  finalize: 'cloudify.interfaces.freeze.fs_finalize',
  suspend: 'cloudify.interfaces.freeze.suspend',
  resume: 'cloudify.interfaces.freeze.resume',
  oldSuspend: 'cloudify.interfaces.lifecycle.suspend',
  oldResume: 'cloudify.interfaces.lifecycle.resume',
  start: 'cloudify.interfaces.lifecycle.start',
  snapshot: 'cloudify.interfaces.snapshot.create',
  apply: 'cloudify.interfaces.snapshot.apply',
  delete: 'cloudify.interfaces.snapshot.delete',
  statistics: 'cloudify.interfaces.statistics.perfomance',
} as const

/** True when something runs behind the operation, and no `skip_actions` takes it out. */
export function does(node: PlannedNode, operation: string): boolean {
  const skipped = node.properties['skip_actions']
  if (Array.isArray(skipped) && skipped.includes(operation)) return false
  const planned = Object.hasOwn(node.operations, operation) ? node.operations[operation] : undefined
  return planned !== undefined && planned.plugin !== ''
}

export function elementOf(node: PlannedNode, scene: LintScene): Element | undefined {
  return scene.document.sections.node_templates.get(node.id)
}

/** Where the author wrote the operation: in the node, in a type of the blueprint's own, or else the node's type. */
export function placeOfOperation(node: PlannedNode, operation: string, scene: LintScene): Place {
  const { node_templates: templates, node_types: types } = scene.document.sections
  const template = templates.get(node.id)
  const owners = [template, ...node.typeHierarchy.toReversed().map((type) => types.get(type))]
  const dot = operation.lastIndexOf('.')
  const [interfaceName, name] = [operation.slice(0, dot), operation.slice(dot + 1)]
  for (const owner of owners) {
    if (owner === undefined || !Object.hasOwn(objectAt(objectAt(owner.value, 'interfaces'), interfaceName), name))
      continue
    if (scene.isOwn(owner.source)) return keyPlace(owner, 'interfaces', interfaceName, name)
    break
  }
  return template === undefined ? { source: undefined, path: [] } : placeIn(template, 'type')
}

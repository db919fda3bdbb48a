// lint.operation_without_plugin: an operation that no plugin here provides.
import { placeIn } from '../../document.ts'
import type { PlannedNode } from '../../plan.ts'
import { does, elementOf, placeOfOperation } from '../operations.ts'
import type { Finding, LintRule, LintScene } from '../rule.ts'

const example = (implementation: string): string => `
imports: [cloudify/types/types.yaml]
plugins:
  tape: { executor: central_deployment_agent, install: false }
node_templates:
  library:
    type: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.lifecycle: { create: ${implementation} }
`

export const operationWithoutPlugin: LintRule = {
  id: 'lint.operation_without_plugin',
  summary: 'An operation is mapped to something that no plugin here provides.',
  why: 'A workflow that needs it ends with `plan.no_plugin` before it has done anything. Better to hear of it now than on the night of the first backup.',
  example: { blueprint: example('tape.rewindd'), provided: ['tape.rewind'] },
  better: { blueprint: example('tape.rewind'), provided: ['tape.rewind'] },
  *check(scene) {
    for (const node of scene.plan.nodes) {
      for (const [name, { plugin, operation }] of Object.entries(node.operations)) {
        if (!does(node, name) || !isMissing(plugin, operation, scene)) continue
        yield {
          place: placeOfOperation(node, name, scene),
          message: `nobody provides '${plugin}.${operation}', which '${name}' of node '${node.id}' calls`,
          hint,
        }
      }
      yield* relationshipFindings(node, scene)
    }
  },
}

const hint = 'check the spelling with: fermata plugins list'

function isMissing(plugin: string, operation: string, scene: LintScene): boolean {
  const known = Object.hasOwn(scene.plan.plugins, plugin) ? scene.plan.plugins[plugin] : undefined
  return known !== undefined && scene.provides(known, operation) === false
}

function* relationshipFindings(node: PlannedNode, scene: LintScene): Generator<Finding> {
  const element = elementOf(node, scene)
  if (element === undefined) return
  for (const [index, { target, sourceOperations, targetOperations }] of node.relationships.entries()) {
    for (const [name, { plugin, operation }] of [
      ...Object.entries(sourceOperations),
      ...Object.entries(targetOperations),
    ]) {
      if (!isMissing(plugin, operation, scene)) continue
      yield {
        place: placeIn(element, 'relationships', index),
        message: `nobody provides '${plugin}.${operation}', which '${name}' of the relationship from '${node.id}' to '${target}' calls`,
        hint,
      }
    }
  }
}

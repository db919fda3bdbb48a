// lint.operation_without_plugin: an operation that no plugin here provides.
import { does, placeOfOperation } from '../operations.ts'
import type { LintRule } from '../rule.ts'

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
        const known = scene.plan.plugins[plugin]
        if (known === undefined || !does(node, name) || scene.provides(known, operation) !== false) continue
        yield {
          place: placeOfOperation(node, name, scene),
          message: `nobody provides '${plugin}.${operation}', which '${name}' of node '${node.id}' calls`,
          hint: 'check the spelling with: fermata plugins list',
        }
      }
    }
  },
}

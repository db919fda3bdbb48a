// lint.deprecated_suspend: the old interface beside the one of today.
import { does, placeOfOperation, wire } from '../operations.ts'
import type { LintRule } from '../rule.ts'

const example = (old: string): string => `
imports: [cloudify/types/types.yaml]
node_templates:
  server:
    type: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.freeze: { suspend: suspend.sh, resume: resume.sh }
${old}`
const files = { 'suspend.sh': '', 'resume.sh': '' }

export const deprecatedSuspend: LintRule = {
  id: 'lint.deprecated_suspend',
  summary: 'A node has `lifecycle.suspend` or `lifecycle.resume` beside those of the freeze interface.',
  why: 'Only the freeze interface is called where both are there: the old operation looks alive and never runs.',
  example: { blueprint: example('      cloudify.interfaces.lifecycle: { suspend: suspend.sh }\n'), files },
  better: { blueprint: example(''), files },
  *check(scene) {
    for (const node of scene.plan.nodes) {
      for (const [old, current] of [
        [wire.oldSuspend, wire.suspend],
        [wire.oldResume, wire.resume],
      ] as const) {
        if (!does(node, old) || !does(node, current)) continue
        yield {
          place: placeOfOperation(node, old, scene),
          message: `'${old}' of node '${node.id}' is never called, since '${current}' is there`,
          hint: `take '${old}' out`,
        }
      }
    }
  },
}

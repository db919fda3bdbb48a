// lint.finalize_without_freeze: a release without anything to release.
import { does, placeOfOperation, wire } from '../operations.ts'
import type { LintRule } from '../rule.ts'

const node = (operations: string): string => `
imports: [cloudify/types/types.yaml]
node_templates:
  database:
    type: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.freeze:
${operations}`

export const finalizeWithoutFreeze: LintRule = {
  id: 'lint.finalize_without_freeze',
  summary: 'A node does `fs_finalize` but not `fs_prepare`.',
  why: 'Nothing holds the node still while its snapshot is cut, so what the backup contains is what happened to be on disk. Often the name of `fs_prepare` is spelled wrongly.',
  example: { blueprint: node('        fs_finalize: finalize.sh\n'), files: { 'finalize.sh': '' } },
  better: {
    blueprint: node('        fs_prepare: prepare.sh\n        fs_finalize: finalize.sh\n'),
    files: { 'prepare.sh': '', 'finalize.sh': '' },
  },
  *check(scene) {
    for (const planned of scene.plan.nodes) {
      if (!does(planned, wire.finalize) || does(planned, wire.prepare)) continue
      yield {
        place: placeOfOperation(planned, wire.finalize, scene),
        message: `node '${planned.id}' does fs_finalize, but no fs_prepare before it`,
        hint: 'add fs_prepare to cloudify.interfaces.freeze, or take fs_finalize out',
      }
    }
  },
}

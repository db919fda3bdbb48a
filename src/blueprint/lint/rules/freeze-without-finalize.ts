// lint.freeze_without_finalize: what is prepared must be released again.
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

export const freezeWithoutFinalize: LintRule = {
  id: 'lint.freeze_without_finalize',
  summary: 'A node does `fs_prepare` but not `fs_finalize`.',
  why: 'A backup prepares the node and nothing releases it: it stays as it was prepared until somebody notices. When the operation freezes, fermata refuses to run it.',
  example: {
    blueprint: node('        fs_prepare: prepare.sh\n'),
    files: { 'prepare.sh': '' },
  },
  better: {
    blueprint: node('        fs_prepare: prepare.sh\n        fs_finalize: finalize.sh\n'),
    files: { 'prepare.sh': '', 'finalize.sh': '' },
  },
  *check(scene) {
    for (const planned of scene.plan.nodes) {
      if (!does(planned, wire.prepare) || does(planned, wire.finalize)) continue
      yield {
        place: placeOfOperation(planned, wire.prepare, scene),
        message: `node '${planned.id}' is prepared by fs_prepare, but has no fs_finalize to release it`,
        hint: 'add fs_finalize to cloudify.interfaces.freeze',
      }
    }
  },
}

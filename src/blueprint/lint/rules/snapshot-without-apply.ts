// lint.snapshot_without_apply: backups that nobody can restore.
import { does, placeOfOperation, wire } from '../operations.ts'
import type { LintRule } from '../rule.ts'

const node = (operations: string): string => `
imports: [cloudify/types/types.yaml]
node_templates:
  volume:
    type: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.snapshot:
${operations}`

export const snapshotWithoutApply: LintRule = {
  id: 'lint.snapshot_without_apply',
  summary: 'A node does `snapshot.create` but not `snapshot.apply`.',
  why: 'Backups succeed, and the day one is needed `restore` has nothing to call for this node.',
  example: {
    blueprint: node('        create: create.sh\n        delete: delete.sh\n'),
    files: { 'create.sh': '', 'delete.sh': '' },
  },
  better: {
    blueprint: node('        create: create.sh\n        apply: apply.sh\n        delete: delete.sh\n'),
    files: { 'create.sh': '', 'apply.sh': '', 'delete.sh': '' },
  },
  *check(scene) {
    for (const planned of scene.plan.nodes) {
      if (!does(planned, wire.snapshot) || does(planned, wire.apply)) continue
      yield {
        place: placeOfOperation(planned, wire.snapshot, scene),
        message: `node '${planned.id}' makes snapshots, but has no operation to apply one`,
        hint: 'add apply to cloudify.interfaces.snapshot',
      }
    }
  },
}

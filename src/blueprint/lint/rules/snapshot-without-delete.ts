// lint.snapshot_without_delete: snapshots that nothing can take away.
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

export const snapshotWithoutDelete: LintRule = {
  id: 'lint.snapshot_without_delete',
  summary: 'A node does `snapshot.create` but not `snapshot.delete`.',
  why: 'A backup that fails half way cannot take back what it has cut, and `remove_backup` leaves the snapshot where it is: storage fills up with copies nobody knows of.',
  example: {
    blueprint: node('        create: create.sh\n        apply: apply.sh\n'),
    files: { 'create.sh': '', 'apply.sh': '' },
  },
  better: {
    blueprint: node('        create: create.sh\n        apply: apply.sh\n        delete: delete.sh\n'),
    files: { 'create.sh': '', 'apply.sh': '', 'delete.sh': '' },
  },
  *check(scene) {
    for (const planned of scene.plan.nodes) {
      if (!does(planned, wire.snapshot) || does(planned, wire.delete)) continue
      yield {
        place: placeOfOperation(planned, wire.snapshot, scene),
        message: `node '${planned.id}' makes snapshots, but has no operation to delete one`,
        hint: 'add delete to cloudify.interfaces.snapshot',
      }
    }
  },
}

// The workflows for scheduled snapshots that blueprints may map, by the names after the plugin's.
import type { Workflow } from '../../contract/workflow.ts'
import { instanceSnapshot } from './instance-snapshot.ts'
import { restoreCloneSnapshot } from './restore-clone-snapshot.ts'
import { restoreInplaceSnapshot } from './restore-inplace-snapshot.ts'

export const openstackWorkflows: Readonly<Record<string, Workflow>> = {
  instance_snapshot: instanceSnapshot,
  restore_clone_snapshot: restoreCloneSnapshot,
  restore_inplace_snapshot: restoreInplaceSnapshot,
}

// The workflows that every deployment has, and the names under which Cloudify's blueprints map them.
import type { Workflow } from '../plugins/contract/workflow.ts'
import { backup } from './backup.ts'
import { compareBackup } from './compare-backup.ts'
import { executeOperation } from './execute-operation.ts'
import { install } from './install.ts'
import { reinstall } from './reinstall.ts'
import { removeBackup } from './remove-backup.ts'
import { restart } from './restart.ts'
import { restore } from './restore.ts'
import { resume } from './resume.ts'
import { runOnHosts } from './run-on-hosts.ts'
import { start } from './start.ts'
import { statistics } from './statistics.ts'
import { stop } from './stop.ts'
import { suspend } from './suspend.ts'
import { uninstall } from './uninstall.ts'
import { verifyBackup } from './verify-backup.ts'

export const builtInWorkflows: readonly Workflow[] = [
  install,
  uninstall,
  reinstall,
  start,
  stop,
  restart,
  suspend,
  resume,
  backup,
  restore,
  removeBackup,
  verifyBackup,
  compareBackup,
  statistics,
  executeOperation,
  runOnHosts,
]

/** `cloudify_suspend.workflows.backup` and `cloudify.plugins.workflows.install` both end in the workflow's name. */
export function builtInByMapping(plugin: string, operation: string): Workflow | undefined {
  if (!['suspend', 'default_workflows'].includes(plugin)) return undefined
  const name = operation.slice(operation.lastIndexOf('.') + 1)
  return builtInWorkflows.find((workflow) => workflow.name === name)
}

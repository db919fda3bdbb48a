// How a workflow is simulated: in which state it finds its nodes, what ran before it, with which parameters.
import type { Duration } from '../../kernel/duration.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { PowerState } from '../../plugins/contract/operation.ts'

export const simulatedWorkflows = [
  'backup',
  'restore',
  'remove_backup',
  'suspend',
  'resume',
  'statistics',
  'install',
  'uninstall',
  'start',
  'stop',
  'restart',
  'execute_operation',
] as const
export type SimulatedWorkflow = (typeof simulatedWorkflows)[number]

export interface Scenario {
  readonly workflow: SimulatedWorkflow
  readonly parameters: JsonObject
  /** What runs before it, undisturbed. */
  readonly before: readonly { readonly workflow: SimulatedWorkflow; readonly parameters: JsonObject }[]
  /** Of all node instances. */
  readonly state: 'started' | 'uninitialized'
  readonly power: PowerState
  readonly lease: Duration
  /** How long a node may be frozen at most: the lease, or up to what it may be extended. */
  readonly longestHold: Duration
}

export const backupName = 'simulated'

const defaultLease: Duration = 5000

export function scenarioFor(
  workflow: SimulatedWorkflow,
  lease: Duration = defaultLease,
  longestHold: Duration = lease,
): Scenario {
  const hold = longestHold > lease ? { max_hold: `${longestHold}ms` } : {}
  const bracket: JsonObject = { snapshot_name: backupName, lease: `${lease}ms`, ...hold }
  const backup = { workflow: 'backup', parameters: bracket } as const
  const times = { lease, longestHold }
  const running = { workflow, parameters: {}, before: [], state: 'started', power: 'running', ...times } as const
  switch (workflow) {
    case 'backup':
      return { ...running, parameters: bracket }
    case 'restore':
      return { ...running, parameters: bracket, before: [backup] }
    case 'remove_backup':
      return { ...running, parameters: { snapshot_name: backupName }, before: [backup] }
    case 'resume':
      return { ...running, before: [{ workflow: 'suspend', parameters: {} }] }
    case 'install':
      return { ...running, state: 'uninitialized', power: 'stopped' }
    case 'execute_operation':
      return { ...running, parameters: { operation: 'cloudify.interfaces.lifecycle.start' } }
    default:
      return running
  }
}

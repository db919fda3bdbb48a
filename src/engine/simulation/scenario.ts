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

export interface ScenarioOptions {
  readonly lease?: Duration
  readonly longestHold?: Duration
  /** Of a backup or a restore, beside those that say how long. */
  readonly parameters?: JsonObject
}

export function scenarioFor(workflow: SimulatedWorkflow, options: ScenarioOptions = {}): Scenario {
  const { lease = defaultLease, longestHold = lease } = options
  const hold = longestHold > lease ? { max_hold: `${longestHold}ms` } : {}
  const plain: JsonObject = { snapshot_name: backupName, lease: `${lease}ms`, ...hold }
  const bracket = { ...plain, ...options.parameters }
  const backup = { workflow: 'backup', parameters: plain } as const
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

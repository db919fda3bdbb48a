// The options that `executions start` and `executions resume` share: how the operations of a run are repeated and how many run at once.
import type { StartOptions } from '../engine/api.ts'
import { parseDuration } from '../kernel/duration.ts'
import type { Call } from './call.ts'
import type { OptionDefinition } from './definition.ts'

export const runOptions: readonly OptionDefinition[] = [
  { flags: '--task-retries <count>', description: 'how often a failed operation is tried again; -1: no limit' },
  { flags: '--task-retry-interval <time>', description: 'how long to wait before that; seconds, or 500ms, 2m' },
  { flags: '--task-thread-pool-size <count>', description: 'how many operations may run at once (default: 8)' },
  { flags: '--wait', description: 'wait while another execution runs on the deployment' },
]

type RunOptions = Pick<StartOptions, 'taskRetries' | 'taskRetryInterval' | 'taskThreadPoolSize' | 'wait'>

/** @throws Fault `usage.bad_argument`, `usage.bad_duration` */
export function readRunOptions(call: Call): RunOptions {
  const taskRetries = call.wholeNumber('taskRetries', '--task-retries', -1)
  const taskThreadPoolSize = call.wholeNumber('taskThreadPoolSize', '--task-thread-pool-size', 1)
  const interval = call.text('taskRetryInterval')
  return {
    wait: call.flag('wait'),
    ...(taskRetries === undefined ? {} : { taskRetries }),
    ...(taskThreadPoolSize === undefined ? {} : { taskThreadPoolSize }),
    ...(interval === undefined ? {} : { taskRetryInterval: parseDuration(interval) }),
  }
}

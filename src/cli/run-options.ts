// The options that `executions start` and `executions resume` share: how the operations of a run are repeated and how many run at once.
import type { StartOptions } from '../engine/api.ts'
import { parseDuration } from '../kernel/duration.ts'
import { readAddresses } from '../notify/address.ts'
import type { Call } from './call.ts'
import type { OptionDefinition } from './definition.ts'

export const runOptions: readonly OptionDefinition[] = [
  { flags: '--task-retries <count>', description: 'how often a failed operation is tried again; -1: no limit' },
  { flags: '--task-retry-interval <time>', description: 'how long to wait before that; seconds, or 500ms, 2m' },
  { flags: '--task-thread-pool-size <count>', description: 'how many operations may run at once (default: 8)' },
  { flags: '--notify-success <address>', description: 'who gets a mail when it went well', isRepeatable: true },
  {
    flags: '--notify-error <address>',
    description: 'who gets a mail when it failed or was cancelled',
    isRepeatable: true,
  },
  { flags: '--wait', description: 'wait while another execution runs on the deployment' },
]

type RunOptions = Pick<StartOptions, 'taskRetries' | 'taskRetryInterval' | 'taskThreadPoolSize' | 'wait' | 'notify'>

/** @throws Fault `usage.bad_argument`, `usage.bad_duration`, `mail.bad_address` */
export function readRunOptions(call: Call): RunOptions {
  const taskRetries = call.wholeNumber('taskRetries', '--task-retries', -1)
  const taskThreadPoolSize = call.wholeNumber('taskThreadPoolSize', '--task-thread-pool-size', 1)
  const interval = call.text('taskRetryInterval')
  return {
    wait: call.flag('wait'),
    ...readNotify(call),
    ...(taskRetries === undefined ? {} : { taskRetries }),
    ...(taskThreadPoolSize === undefined ? {} : { taskThreadPoolSize }),
    ...(interval === undefined ? {} : { taskRetryInterval: parseDuration(interval) }),
  }
}

function readNotify(call: Call): Pick<StartOptions, 'notify'> {
  const success = readAddresses(call.list('notifySuccess'))
  const error = readAddresses(call.list('notifyError'))
  if (success.length === 0 && error.length === 0) return {}
  return { notify: { ...(success.length > 0 ? { success } : {}), ...(error.length > 0 ? { error } : {}) } }
}

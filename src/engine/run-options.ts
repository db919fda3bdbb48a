// The options of a run: what is given wins over what there was.
import type { StartOptions } from './api.ts'
import type { ExecutionOptions } from './execution-site.ts'

export function optionsOf(
  options: Pick<StartOptions, 'notify' | 'taskRetries' | 'taskRetryInterval' | 'taskThreadPoolSize'>,
  otherwise: ExecutionOptions,
): ExecutionOptions {
  return {
    ...otherwise,
    retries: options.taskRetries ?? otherwise.retries,
    retryInterval: options.taskRetryInterval ?? otherwise.retryInterval,
    ...(options.notify === undefined ? {} : { notify: { ...otherwise.notify, ...options.notify } }),
    pool: options.taskThreadPoolSize ?? otherwise.pool,
  }
}

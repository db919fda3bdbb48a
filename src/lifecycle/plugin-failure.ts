// What an operation threw, as a fault. An error that is no fault is a mistake of the plugin, not of fermata; nobody knows
// what it had done by then, so it may be tried again only with its doubt.
import { Fault, fault } from '../kernel/fault.ts'

export function pluginFailure(thrown: unknown, plugin: string, operation: string): Fault {
  if (thrown instanceof Fault) return thrown
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  return fault('operation.failed', {
    message: `plugin '${plugin}', operation '${operation}': ${reason}`,
    hint: 'this comes from the plugin itself; -v shows where',
    effect: 'unknown',
    cause: thrown,
  })
}

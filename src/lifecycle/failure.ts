// One fault out of what a walk came to: the only failure itself, or a summary that lists them all.
import { fault, type Fault } from '../kernel/fault.ts'
import type { WalkOutcome } from './walk.ts'

export function failureOf(outcome: WalkOutcome): Fault | undefined {
  const failures = [...outcome.failures]
  const first = failures[0]
  if (!first) {
    const skipped = [...outcome.skipped.values()][0]
    return skipped
  }
  if (failures.length === 1) return first[1]
  // A cancel is not the failure of each operation that it stopped.
  const real = failures.filter(([, problem]) => problem.code !== 'engine.cancelled')
  if (real.length === 0) return first[1]
  if (real.length === 1) return real[0]?.[1]
  const message = `${real.length} operations failed:\n${real.map(([id, problem]) => `  ${id}: ${problem.message}`).join('\n')}`
  return fault('engine.workflow_failed', { details: { message }, cause: real[0]?.[1] })
}

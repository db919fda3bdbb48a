// What suspends found of power states and no resume has put back yet, by the logs of earlier executions.
import { textOf, type LogEntry } from './oracle/entry.ts'

export interface EarlierRun {
  readonly workflow: string
  readonly entries: readonly LogEntry[]
}

/** Instance -> state. `runs`: oldest first. What was suspended twice was found by the first. */
export function foundPower(runs: readonly EarlierRun[]): Readonly<Record<string, string>> {
  const found = new Map<string, string>()
  for (const { workflow, entries } of runs) {
    for (const entry of entries) {
      if (entry.source !== 'moment' || entry.instance === null) continue
      const state = textOf(entry, 'state')
      if (entry.type === 'power.restored') found.delete(entry.instance)
      if (entry.type === 'power.found' && state !== null && !found.has(entry.instance)) found.set(entry.instance, state)
    }
    // A resume also forgets what somebody else has changed since, and says nothing of it: nothing is known then.
    if (workflow === 'resume') found.clear()
  }
  return Object.fromEntries(found)
}

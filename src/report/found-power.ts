// What suspends found of power states and no resume has put back yet, by the logs of earlier executions.
import { textOf, type LogEntry } from './oracle/entry.ts'

const forgetting: ReadonlySet<string> = new Set(['resume', 'uninstall', 'reinstall'])

export interface EarlierRun {
  readonly workflow: string
  readonly entries: readonly LogEntry[]
}

/**
 * Instance -> state. `runs`: oldest first. What was suspended twice was found by the first; what was found running was
 * started since, and is to run again.
 */
export function foundPower(runs: readonly EarlierRun[]): Readonly<Record<string, string>> {
  const found = new Map<string, string>()
  for (const { workflow, entries } of runs) {
    for (const entry of entries) {
      if (entry.source !== 'moment' || entry.instance === null) continue
      const state = textOf(entry, 'state')
      if (entry.type === 'power.restored') found.delete(entry.instance)
      const isNews = state === 'running' || !found.has(entry.instance)
      if (entry.type === 'power.found' && state !== null && isNews) found.set(entry.instance, state)
    }
    // These also forget, and say nothing of it: what somebody else has changed since, what is no more.
    if (forgetting.has(workflow)) found.clear()
  }
  return Object.fromEntries(found)
}

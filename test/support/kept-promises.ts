// Holds whatever a test has run against the oracle. The harnesses call it when they are put away.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Fermata } from '../../src/engine/api.ts'
import { openFermata } from '../../src/engine/open.ts'
import { mergeLog } from '../../src/report/log.ts'
import { checkLog, type CheckedLog } from '../../src/report/oracle/check.ts'
import { shownEntry, type LogEntry } from '../../src/report/oracle/entry.ts'
import type { Facts } from '../../src/report/oracle/facts.ts'
import type { Store } from '../../src/store/store.ts'
import type { EventRow, TraceRow } from '../../src/store/tables.ts'
import { realWorld } from '../../src/world/real-world.ts'

/** Every execution in this state directory. There may be none, and no store either. */
export async function expectKeptPromises(home: string, secrets: readonly string[] = []): Promise<void> {
  if (!existsSync(join(home, 'fermata.db'))) return
  await using fermata = await openFermata({ home, world: realWorld() })
  await expectKeptBy(fermata, secrets)
}

export async function expectKeptBy(fermata: Fermata, secrets: readonly string[] = []): Promise<void> {
  for (const { id, workflow } of await fermata.executions.list()) {
    const checked = await fermata.executions.check(id, { secrets })
    if (checked.violations.length > 0) fail(`'${workflow}'`, checked, await fermata.executions.log(id))
  }
}

/** The one execution of a site without an engine. */
export async function expectKeptIn(store: Store, facts: Facts): Promise<void> {
  const events = await store.read<EventRow>('select * from events order by sequence')
  const traces = await store.read<TraceRow>('select * from traces order by batch')
  const log = mergeLog(events, traces)
  const checked = checkLog(log, facts)
  if (checked.violations.length > 0) fail('the run', checked, log)
}

function fail(what: string, checked: CheckedLog, log: readonly LogEntry[]): never {
  const found = checked.violations.map(
    ({ rule, message, entries }) => `${rule}: ${message}\n${entries.map(({ text }) => `    ${text}`).join('\n')}`,
  )
  const whole = log.map((entry) => `${entry.at} ${shownEntry(entry)}${fieldsOf(entry)}`)
  throw new Error(`${what} broke promises\n${found.join('\n')}\nits log:\n${whole.join('\n')}`)
}

const fieldsOf = (entry: LogEntry): string => (entry.source === 'moment' ? ` ${JSON.stringify(entry.fields)}` : '')

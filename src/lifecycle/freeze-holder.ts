// Who holds a node frozen already: there is one freezer at a time.
import type { Instant } from '../kernel/duration.ts'
import type { Ledger } from './ledger.ts'
import type { Site } from './site.ts'

export interface Holder {
  readonly execution: string
  readonly until: Instant
}

const openRows =
  'select instance_id, execution_id, until from freezes where thawed_at is null and execution_id <> ? order by until'

/** Instance id -> who has it frozen: another execution, or another bracket of this one. */
export async function holderOf(site: Site, ledger: Ledger): Promise<ReadonlyMap<string, Holder>> {
  const rows = await site.store.read<{ instance_id: string; execution_id: string; until: number }>(openRows, [
    site.execution.id,
  ])
  const holders = new Map(
    rows.map((row) => [row.instance_id, { execution: row.execution_id, until: Number(row.until) }]),
  )
  for (const { instanceId, until } of ledger.open()) holders.set(instanceId, { execution: site.execution.id, until })
  return holders
}

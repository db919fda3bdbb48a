// The record of what suspend found, kept until resume has put it back. It becomes durable with the step that asked.
import type { PowerState } from '../plugins/contract/operation.ts'
import type { Site } from './site.ts'

// What stands still already may be our own doing of an earlier suspend, and does not hide what that one found. What runs
// was started since, whatever is on record.
const keepFirst =
  'insert into power_states (deployment_id, instance_id, state, execution_id, found_at) values (?, ?, ?, ?, ?) ' +
  'on conflict (deployment_id, instance_id) do nothing'
const keepLast =
  'insert into power_states (deployment_id, instance_id, state, execution_id, found_at) values (?, ?, ?, ?, ?) ' +
  'on conflict (deployment_id, instance_id) do update set state = excluded.state, execution_id = excluded.execution_id, ' +
  'found_at = excluded.found_at'
const forget = 'delete from power_states where deployment_id = ? and instance_id = ?'
const find = 'select state from power_states where deployment_id = ? and instance_id = ?'

export function rememberPower(site: Site, instanceId: string, state: PowerState): void {
  const row = [site.deployment.id, instanceId, state, site.execution.id, site.world.clock.now()]
  site.journal.write({ sql: state === 'running' ? keepLast : keepFirst, rows: [row] })
}

/** null: nothing is on record. */
export async function powerOnRecord(site: Site, instanceId: string): Promise<PowerState | null> {
  const [row] = await site.store.read<{ state: PowerState }>(find, [site.deployment.id, instanceId])
  return row?.state ?? null
}

export function forgetPower(site: Site, instanceId: string): void {
  site.journal.write({ sql: forget, rows: [[site.deployment.id, instanceId]] })
}

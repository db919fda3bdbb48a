// Begins to connect to the first hosts of a run while its deployment is made: that takes as long as many of them.
import type { JsonObject } from '../kernel/json.ts'
import type { InventoryHost } from '../plugins/contract/fleet.ts'
import type { Engine } from './engine.ts'
import type { FleetLogin } from './fleet-api.ts'
import { loginProperties, ownProperties } from './fleet-login.ts'
import { ownPlugin } from './own-plugin.ts'

export interface HostsAhead {
  readonly hosts: readonly InventoryHost[]
  readonly login: FleetLogin
  /** Of run_on_hosts. */
  readonly parameters: JsonObject
  readonly signal: AbortSignal
}

/** Never fails: what does not work is told by the run. */
export async function prepareHosts(engine: Engine, { hosts, login, parameters, signal }: HostsAhead): Promise<void> {
  // Its value is not known before the run.
  if (login.keySecret !== undefined || login.passwordSecret !== undefined) return
  const { canary, batch, concurrency } = parameters
  // Who comes later may never be reached.
  if (canary || batch) return
  const ssh = await engine.loadPlugin(ownPlugin('ssh'), '').catch(() => undefined)
  const first = hosts.slice(0, typeof concurrency === 'number' ? concurrency : undefined)
  for (const host of first) {
    const properties = { ...loginProperties(login), ...ownProperties(host), ip: host.address }
    ssh?.prepareHost?.(properties, { signal, world: engine.world }).catch(() => {})
  }
}

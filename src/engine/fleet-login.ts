// Hosts that no blueprint describes: which lists of them are refused, and how they are reached, as properties of a node.
import { fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { InventoryHost } from '../plugins/contract/fleet.ts'
import type { FleetLogin } from './fleet-api.ts'

/** @throws Fault `fleet.bad_inventory` */
export function checkHosts(hosts: readonly InventoryHost[]): void {
  if (hosts.length === 0)
    throw fault('fleet.bad_inventory', { details: { source: 'the list of hosts', reason: 'it is empty' } })
  const seen = new Set<string>()
  for (const { address, user, port } of hosts) {
    const key = `${user ?? ''}@${address}:${port ?? ''}`
    const reason = 'it is there twice, and no host runs a command twice'
    if (seen.has(key)) throw fault('fleet.bad_inventory', { details: { source: address, reason } })
    seen.add(key)
  }
}

export function ownProperties(host: InventoryHost | undefined): JsonObject {
  return {
    ...(host?.user === undefined ? {} : { user: host.user }),
    ...(host?.port === undefined ? {} : { port: host.port }),
  }
}

export function loginProperties(login: FleetLogin): JsonObject {
  const secret = (name: string | undefined): Json | undefined => (name === undefined ? undefined : { get_secret: name })
  const properties: Record<string, Json | undefined> = {
    user: login.user,
    key: secret(login.keySecret) ?? (login.keys?.length ? [...login.keys] : undefined),
    password: secret(login.passwordSecret),
    sudo_password: secret(login.sudoPasswordSecret),
    use_agent: login.useAgent,
    jumps: login.jumps?.map((jump) => jumpProperties(jump, login)),
    known_hosts: login.knownHosts?.length ? [...login.knownHosts] : undefined,
    trust_on_first_use: login.trustOnFirstUse,
    connect_timeout: login.connectTimeout === undefined ? undefined : login.connectTimeout / 1000,
  }
  return Object.fromEntries(
    Object.entries(properties).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  )
}

function jumpProperties({ key, ...host }: NonNullable<FleetLogin['jumps']>[number], login: FleetLogin): JsonObject {
  return {
    ip: host.address,
    ...ownProperties(host),
    ...(key === undefined ? {} : { key }),
    ...(login.knownHosts?.length ? { known_hosts: [...login.knownHosts] } : {}),
    ...(login.trustOnFirstUse ? { trust_on_first_use: true } : {}),
  }
}

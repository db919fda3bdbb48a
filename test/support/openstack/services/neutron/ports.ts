// Neutron's ports: addresses out of the subnets of their network, and who holds them.
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { badRequest, conflict, notFound } from '../../http/answer.ts'
import { objects, textOr } from '../../http/call.ts'
import type { State } from '../../model/state.ts'
import type { FakeThing } from '../../model/things.ts'

/** Kept, and shown as it is. @throws Refusal */
export function newPort(state: State, projectId: string, given: JsonObject): FakeThing {
  const port: FakeThing = { ...portFor(state, projectId, given), id: state.id() }
  state.things('ports').set(port.id, port)
  return port
}

export function portFor(state: State, projectId: string, given: JsonObject): JsonObject {
  const network = state.things('networks').get(textOr(given['network_id'], ''))
  if (!network) throw notFound(`Network ${textOr(given['network_id'], '')} could not be found.`)
  const serial = state.serial()
  const hex = serial.toString(16).padStart(6, '0')
  return {
    name: '',
    description: '',
    admin_state_up: true,
    status: 'DOWN',
    project_id: projectId,
    tenant_id: projectId,
    device_id: '',
    device_owner: '',
    mac_address: `fa:16:3e:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`,
    security_groups: [...state.things('security_groups').values()]
      .filter(({ name }) => name === 'default')
      .map(({ id }) => id),
    allowed_address_pairs: [],
    port_security_enabled: true,
    'binding:host_id': '',
    tags: [],
    ...given,
    fixed_ips: addressesFor(state, network, objects(given['fixed_ips'])),
  }
}

function addressesFor(state: State, network: FakeThing, asked: readonly JsonObject[]): JsonObject[] {
  const subnets = [...state.things('subnets').values()].filter((one) => one['network_id'] === network.id)
  const wanted = asked.length > 0 ? asked : subnets.slice(0, 1).map(({ id }): JsonObject => ({ subnet_id: id }))
  return wanted.map((one) => {
    const ip = textOr(one['ip_address'], undefined)
    const subnet =
      one['subnet_id'] === undefined
        ? subnets.find(({ cidr }) => ip?.startsWith(prefixOf(textOr(cidr, ''))))
        : subnets.find(({ id }) => id === one['subnet_id'])
    if (!subnet)
      throw badRequest(
        'Invalid input for operation: IP address is not a valid IP for any of the subnets on the specified network.',
      )
    const taken = takenIn(state, subnet.id)
    if (ip !== undefined && taken.has(ip)) throw conflict(`IP address ${ip} already allocated in subnet ${subnet.id}`)
    return { subnet_id: subnet.id, ip_address: ip ?? nextIn(textOr(subnet['cidr'], ''), taken) }
  })
}

function takenIn(state: State, subnet: string): ReadonlySet<string> {
  const all = [...state.things('ports').values()].flatMap(({ fixed_ips: ips }) => objects(ips))
  return new Set(all.filter((one) => one['subnet_id'] === subnet).map((one) => textOr(one['ip_address'], '')))
}

/** All networks of the fake are as small as this. */
export function prefixOf(cidr: string): string {
  return cidr.includes(':') ? cidr.replace(/::?\/\d+$/, '::') : cidr.replace(/\d+\/\d+$/, '')
}

function nextIn(cidr: string, taken: ReadonlySet<string>): string {
  for (let last = 10; last < 255; last += 1) {
    const ip = `${prefixOf(cidr)}${last}`
    if (!taken.has(ip)) return ip
  }
  throw conflict('No more IP addresses available on network.')
}

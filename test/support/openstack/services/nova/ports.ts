// A server's ports: those it is given, and those that Nova makes for it in a network.
import type { Json, JsonObject } from '../../../../../src/kernel/json.ts'
import { badRequest, conflict } from '../../http/answer.ts'
import { objects, textOr } from '../../http/call.ts'
import type { FakeServer } from '../../model/server.ts'
import type { State } from '../../model/state.ts'
import type { FakeThing } from '../../model/things.ts'
import { newPort } from '../neutron/ports.ts'

/** @throws Refusal */
export function checkNetworks(state: State, networks: Json | undefined, minor: number): void {
  if (networks === 'none' || networks === 'auto') {
    if (minor >= 37) return
    throw badRequest(
      `Invalid input for field/attribute networks. Value: ${networks}. '${networks}' is not of type 'array'`,
    )
  }
  if (!Array.isArray(networks)) {
    if (minor < 37) return
    throw badRequest("Invalid input for field/attribute server. 'networks' is a required property")
  }
  for (const one of objects(networks)) {
    const port = textOr(one['port'], undefined)
    if (port !== undefined) checkPort(state, port)
    else if (!state.things('networks').has(textOr(one['uuid'], ''))) {
      throw badRequest(`Network ${textOr(one['uuid'], '')} could not be found.`)
    }
  }
}

function checkPort(state: State, id: string): void {
  const port = state.things('ports').get(id)
  if (!port) throw badRequest(`Port id ${id} could not be found.`)
  if (port['device_id'] !== '') throw conflict(`Port ${id} is still in use.`)
}

export function bindPorts(state: State, server: FakeServer, networks: Json | undefined): void {
  const asked = Array.isArray(networks) ? objects(networks) : autoNetworks(state, networks)
  for (const one of asked) {
    const id = textOr(one['port'], undefined)
    const given = id === undefined ? undefined : state.things('ports').get(id)
    addPort(server, given ?? ownPort(state, server, textOr(one['uuid'], ''), textOr(one['fixed_ip'], undefined)))
  }
}

// The only network there is, as "auto" would have it; no network at all where there is a choice.
function autoNetworks(state: State, networks: Json | undefined): readonly JsonObject[] {
  const all = [...state.things('networks').values()].filter((one) => one['router:external'] !== true)
  return networks === 'none' || all.length !== 1 ? [] : all.map(({ id }) => ({ uuid: id }))
}

export function ownPort(state: State, server: FakeServer, network: string, fixed?: string): FakeThing {
  const port = newPort(state, server.projectId, {
    network_id: network,
    ...(fixed === undefined ? {} : { fixed_ips: [{ ip_address: fixed }] }),
  })
  server.ownPorts.add(port.id)
  return port
}

export function addPort(server: FakeServer, port: FakeThing): void {
  Object.assign(port, {
    device_id: server.id,
    device_owner: 'compute:nova',
    status: 'ACTIVE',
    'binding:host_id': 'fake',
  })
  // It may have been taken off behind Nova's back.
  if (!server.ports.includes(port.id)) server.ports.push(port.id)
}

/** As Neutron has it: whoever it says holds a port holds it. */
export function portsOf(state: State, server: FakeServer): readonly string[] {
  return server.ports.filter((id) => state.things('ports').get(id)?.['device_id'] === server.id)
}

export function releasePort(state: State, server: FakeServer, id: string): void {
  server.ports.splice(server.ports.indexOf(id), 1)
  const port = state.things('ports').get(id)
  // Nova asks Neutron which ports a server has: those that went over to another are not its to free.
  if (port && port['device_id'] !== server.id) return
  if (server.ownPorts.delete(id)) {
    for (const floating of state.things('floatingips').values()) {
      if (floating['port_id'] === id) Object.assign(floating, { port_id: null, fixed_ip_address: null, status: 'DOWN' })
    }
    state.things('ports').delete(id)
  } else if (port) {
    Object.assign(port, { device_id: '', device_owner: '', status: 'DOWN', 'binding:host_id': '' })
  }
}

export function releasePorts(state: State, server: FakeServer): void {
  for (const id of server.ports.slice()) releasePort(state, server, id)
}

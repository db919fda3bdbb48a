// Neutron's routers: gateways, interfaces to subnets, routes.
import { isJsonObject, type JsonObject } from '../../../../../src/kernel/json.ts'
import { badRequest, conflict, notFound, ok } from '../../http/answer.ts'
import { objects, param, textOr, type Call } from '../../http/call.ts'
import type { Routes } from '../../http/routes.ts'
import type { State } from '../../model/state.ts'
import type { FakeThing } from '../../model/things.ts'
import { collectionRoutes } from '../collections.ts'
import { newPort } from './ports.ts'

const owner = 'network:router_interface'

export function routerRoutes(routes: Routes, state: State, owned: (call: Call) => JsonObject): void {
  const interfacesOf = (id: string): readonly FakeThing[] =>
    [...state.things('ports').values()].filter((one) => one['device_id'] === id && one['device_owner'] === owner)
  collectionRoutes(routes, state, {
    service: 'network',
    collection: 'routers',
    member: 'router',
    check: (_call, given) => {
      if (state.things('routers').size >= state.quotas.router)
        throw conflict("Quota exceeded for resources: ['router'].")
      const gateway = given['external_gateway_info'] ?? null
      const network = isJsonObject(gateway) ? textOr(gateway['network_id'], '') : undefined
      if (network !== undefined && state.things('networks').get(network)?.['router:external'] !== true) {
        throw badRequest(`Bad router request: Network ${network} is not an external network.`)
      }
    },
    added: (call, given) => ({
      description: '',
      admin_state_up: true,
      status: 'ACTIVE',
      external_gateway_info: null,
      routes: [],
      tags: [],
      ...owned(call),
      ...given,
    }),
    beforeDelete: (_call, { id }) => {
      if (interfacesOf(id).length > 0) throw conflict(`Router ${id} still has ports`)
    },
  })
  const find = (call: Call): FakeThing => {
    const router = state.things('routers').get(param(call, 'id'))
    if (router) return router
    throw notFound(`Router ${param(call, 'id')} could not be found.`)
  }
  const answer = (router: FakeThing, port: FakeThing) => {
    const [ip] = objects(port['fixed_ips'])
    return ok({
      id: router.id,
      port_id: port.id,
      subnet_id: ip?.['subnet_id'] ?? null,
      network_id: port['network_id'] ?? null,
    })
  }
  routes.add('network', 'PUT /routers/:id/add_router_interface', (call) => {
    const router = find(call)
    const port = portToAdd(state, call, router, interfacesOf(router.id))
    Object.assign(port, { device_id: router.id, device_owner: owner, status: 'ACTIVE' })
    return answer(router, port)
  })
  routes.add('network', 'PUT /routers/:id/remove_router_interface', (call) => {
    const router = find(call)
    const { port_id: portId, subnet_id: subnetId } = call.body
    const port = interfacesOf(router.id).find(
      (one) => one.id === portId || objects(one['fixed_ips']).some((ip) => ip['subnet_id'] === subnetId),
    )
    if (!port) throw notFound(`Router ${router.id} has no interface on subnet ${textOr(subnetId, '')}`)
    state.things('ports').delete(port.id)
    return answer(router, port)
  })
  for (const [verb, change] of [
    ['add_extraroutes', (old: readonly JsonObject[], given: readonly JsonObject[]) => [...old, ...given]],
    [
      'remove_extraroutes',
      (old: readonly JsonObject[], given: readonly JsonObject[]) =>
        old.filter((one) => !given.some((gone) => gone['destination'] === one['destination'])),
    ],
  ] as const) {
    routes.add('network', `PUT /routers/:id/${verb}`, (call) => {
      const router = find(call)
      const given = isJsonObject(call.body['router'] ?? null) ? (call.body['router'] as JsonObject) : {}
      router['routes'] = change(objects(router['routes']), objects(given['routes']))
      return ok({ router })
    })
  }
}

function portToAdd(state: State, call: Call, router: FakeThing, interfaces: readonly FakeThing[]): FakeThing {
  const { port_id: portId, subnet_id: subnetId } = call.body
  if (typeof portId === 'string') {
    const port = state.things('ports').get(portId)
    if (!port) throw notFound(`Port ${portId} could not be found.`)
    if (port['device_id'] !== '')
      throw conflict(`Unable to complete operation on port ${portId}: it already has an attached device.`)
    return port
  }
  const subnet = state.things('subnets').get(textOr(subnetId, ''))
  if (!subnet) throw notFound(`Subnet ${textOr(subnetId, '')} could not be found.`)
  if (interfaces.some((one) => objects(one['fixed_ips']).some((ip) => ip['subnet_id'] === subnet.id))) {
    throw badRequest(`Bad router request: Router already has a port on subnet ${subnet.id}.`)
  }
  const gateway = textOr(subnet['gateway_ip'], undefined)
  return newPort(state, textOr(router['project_id'], ''), {
    network_id: subnet['network_id'] ?? '',
    fixed_ips: [{ subnet_id: subnet.id, ...(gateway === undefined ? {} : { ip_address: gateway }) }],
  })
}

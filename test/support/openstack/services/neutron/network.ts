// Neutron: networks and what hangs on them. Things are kept as they are given; what is in use is not deleted.
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { badRequest, conflict, noContent, notFound, ok } from '../../http/answer.ts'
import { objects, param, part, textOr, texts, type Call } from '../../http/call.ts'
import type { Routes } from '../../http/routes.ts'
import type { Quotas, State } from '../../model/state.ts'
import type { FakeThing } from '../../model/things.ts'
import { collectionRoutes, type Kind } from '../collections.ts'
import { portFor, prefixOf } from './ports.ts'
import { routerRoutes } from './routers.ts'

export function networkRoutes(routes: Routes, state: State): void {
  const add = (kind: Omit<Kind, 'service'>): void => collectionRoutes(routes, state, { service: 'network', ...kind })
  const owned = ({ who }: Call): JsonObject => {
    const id = who.project?.id ?? ''
    return { project_id: id, tenant_id: id }
  }
  const quota = (name: keyof Quotas, collection: string): void => {
    if (state.things(collection).size >= state.quotas[name])
      throw conflict(`Quota exceeded for resources: ['${name}'].`)
  }
  const ports = () => [...state.things('ports').values()]
  add({
    collection: 'networks',
    member: 'network',
    check: () => quota('network', 'networks'),
    added: (call, given) => ({
      description: '',
      admin_state_up: true,
      status: 'ACTIVE',
      shared: false,
      'router:external': false,
      mtu: 1450,
      tags: [],
      subnets: [],
      ...owned(call),
      ...given,
    }),
    show: (network) => ({
      ...network,
      subnets: [...state.things('subnets').values()]
        .filter((one) => one['network_id'] === network.id)
        .map(({ id }) => id),
    }),
    beforeDelete: (_call, { id }) => {
      if (ports().some((one) => one['network_id'] === id && one['device_owner'] !== 'network:dhcp')) {
        throw conflict(
          `Unable to complete operation on network ${id}. There are one or more ports still in use on the network.`,
        )
      }
      for (const one of state.things('subnets').values())
        if (one['network_id'] === id) state.things('subnets').delete(one.id)
    },
  })
  add({
    collection: 'subnets',
    member: 'subnet',
    check: (_call, given) => {
      quota('subnet', 'subnets')
      if (!state.things('networks').has(textOr(given['network_id'], ''))) {
        throw notFound(`Network ${textOr(given['network_id'], '')} could not be found.`)
      }
      const overlaps = [...state.things('subnets').values()].some(
        (one) => one['network_id'] === given['network_id'] && one['cidr'] === given['cidr'],
      )
      if (overlaps)
        throw badRequest(
          `Invalid input for operation: Requested subnet with cidr: ${textOr(given['cidr'], '')} overlaps with another subnet.`,
        )
    },
    added: (call, given) => ({
      description: '',
      enable_dhcp: true,
      ip_version: 4,
      gateway_ip: `${prefixOf(textOr(given['cidr'], ''))}1`,
      dns_nameservers: [],
      host_routes: [],
      allocation_pools: [],
      tags: [],
      ...owned(call),
      ...given,
    }),
    beforeDelete: (_call, { id }) => {
      if (ports().some((one) => objects(one['fixed_ips']).some((ip) => ip['subnet_id'] === id))) {
        throw conflict(
          `Unable to complete operation on subnet ${id}: One or more ports have an IP allocation from this subnet.`,
        )
      }
    },
  })
  add({
    collection: 'ports',
    member: 'port',
    check: () => quota('port', 'ports'),
    added: (call, given) => portFor(state, call.who.project?.id ?? '', given),
    beforeDelete: (_call, port) => {
      if (String(port['device_owner']).startsWith('network:router')) {
        throw conflict(
          `Port ${port.id} cannot be deleted directly via the port API: has device owner ${String(port['device_owner'])}.`,
        )
      }
      for (const server of state.servers.values()) {
        if (server.ports.includes(port.id)) server.ports.splice(server.ports.indexOf(port.id), 1)
      }
      freeFloating(state, port.id)
    },
  })
  floatingIps(add, state, { owned, quota })
  securityGroups(add, state, { owned, quota })
  for (const [collection, member] of [
    ['rbac-policies', 'rbac_policy'],
    ['address-scopes', 'address_scope'],
    ['subnetpools', 'subnetpool'],
  ] as const) {
    add({ path: `/${collection}`, collection: collection.replace('-', '_'), member, added: owned })
  }
  routerRoutes(routes, state, owned)
  tagRoutes(routes, state)
  quotaRoutes(routes, state)
}

interface Checks {
  readonly owned: (call: Call) => JsonObject
  readonly quota: (name: keyof Quotas, collection: string) => void
}

function freeFloating(state: State, port: string): void {
  for (const floating of state.things('floatingips').values()) {
    if (floating['port_id'] === port) Object.assign(floating, { port_id: null, fixed_ip_address: null, status: 'DOWN' })
  }
}

function floatingIps(add: (kind: Omit<Kind, 'service'>) => void, state: State, { owned, quota }: Checks): void {
  const all = state.things('floatingips')
  add({
    collection: 'floatingips',
    member: 'floatingip',
    check: (_call, given) => {
      quota('floatingip', 'floatingips')
      const network = state.things('networks').get(textOr(given['floating_network_id'], ''))
      if (!network) throw notFound(`Network ${textOr(given['floating_network_id'], '')} could not be found.`)
      if (network['router:external'] !== true)
        throw badRequest(`Bad floatingip request: Network ${network.id} is not a valid external network.`)
    },
    added: (call, given) => ({
      description: '',
      floating_ip_address: `203.0.113.${10 + all.size}`,
      port_id: null,
      fixed_ip_address: null,
      router_id: null,
      tags: [],
      ...owned(call),
      ...given,
    }),
    // Where it leads follows the port, whatever was written before.
    show: (floating) => {
      const port = state.things('ports').get(textOr(floating['port_id'], ''))
      const [ip] = objects(port?.['fixed_ips'])
      return { ...floating, fixed_ip_address: ip?.['ip_address'] ?? null, status: port ? 'ACTIVE' : 'DOWN' }
    },
  })
}

function securityGroups(add: (kind: Omit<Kind, 'service'>) => void, state: State, { owned, quota }: Checks): void {
  const rules = state.things('security_group_rules')
  const rule = (group: string, direction: string, more: JsonObject): FakeThing => ({
    id: state.id(),
    security_group_id: group,
    direction,
    ethertype: 'IPv4',
    protocol: null,
    port_range_min: null,
    port_range_max: null,
    remote_ip_prefix: null,
    remote_group_id: null,
    description: '',
    ...more,
  })
  add({
    path: '/security-groups',
    collection: 'security_groups',
    member: 'security_group',
    check: () => quota('security_group', 'security_groups'),
    added: (call, given) => ({ description: '', stateful: true, tags: [], ...owned(call), ...given }),
    afterCreate: (call, { id }) => {
      for (const ethertype of ['IPv4', 'IPv6']) {
        const made = rule(id, 'egress', { ...owned(call), ethertype })
        rules.set(made.id, made)
      }
    },
    show: (group) => ({
      ...group,
      security_group_rules: [...rules.values()].filter((one) => one['security_group_id'] === group.id),
    }),
    beforeDelete: (_call, { id }) => {
      if ([...state.things('ports').values()].some((one) => texts(one['security_groups']).includes(id))) {
        throw conflict(`Security Group ${id} in use.`)
      }
      for (const one of rules.values()) if (one['security_group_id'] === id) rules.delete(one.id)
    },
  })
  const essence = [
    'security_group_id',
    'direction',
    'ethertype',
    'protocol',
    'port_range_min',
    'port_range_max',
    'remote_ip_prefix',
    'remote_group_id',
  ]
  add({
    path: '/security-group-rules',
    collection: 'security_group_rules',
    member: 'security_group_rule',
    check: (_call, given) => {
      quota('security_group_rule', 'security_group_rules')
      const group = textOr(given['security_group_id'], '')
      if (!state.things('security_groups').has(group)) throw notFound(`Security group ${group} does not exist`)
      const whole = rule(group, '', given)
      const twin = [...rules.values()].find((one) => essence.every((name) => String(one[name]) === String(whole[name])))
      if (twin) throw conflict(`Security group rule already exists. Rule id is ${twin.id}.`)
    },
    added: (call, given) => ({
      ...rule(textOr(given['security_group_id'], ''), 'ingress', { ...owned(call), ...given }),
    }),
  })
}

function tagRoutes(routes: Routes, state: State): void {
  for (const path of ['networks', 'subnets', 'ports', 'routers', 'floatingips', 'security-groups']) {
    const find = (call: Call): FakeThing => {
      const found = state.things(path.replace('-', '_')).get(param(call, 'id'))
      if (found) return found
      throw notFound(`The resource could not be found.`)
    }
    routes.add('network', `GET /${path}/:id/tags`, (call) => ok({ tags: texts(find(call)['tags']) }))
    routes.add('network', `PUT /${path}/:id/tags`, (call) => {
      find(call)['tags'] = texts(call.body['tags'])
      return ok({ tags: texts(call.body['tags']) })
    })
    routes.add('network', `PUT /${path}/:id/tags/:tag`, (call) => {
      const thing = find(call)
      thing['tags'] = [...new Set([...texts(thing['tags']), param(call, 'tag')])]
      return { status: 201 }
    })
    routes.add('network', `DELETE /${path}/:id/tags/:tag`, (call) => {
      const thing = find(call)
      thing['tags'] = texts(thing['tags']).filter((tag) => tag !== param(call, 'tag'))
      return noContent
    })
  }
}

function quotaRoutes(routes: Routes, state: State): void {
  const names = {
    network: 'networks',
    subnet: 'subnets',
    port: 'ports',
    router: 'routers',
    floatingip: 'floatingips',
    security_group: 'security_groups',
    security_group_rule: 'security_group_rules',
  } as const
  const details = () =>
    Object.fromEntries(
      (Object.entries(names) as [keyof typeof names, string][]).map(([name, collection]) => [
        name,
        { limit: state.quotas[name], used: state.things(collection).size, reserved: 0 },
      ]),
    )
  for (const path of ['/quotas/:project/details', '/quotas/:project/details.json']) {
    routes.add('network', `GET ${path}`, () => ok({ quota: details() }))
  }
  routes.add('network', 'GET /quotas/:project', () =>
    ok({ quota: Object.fromEntries(Object.entries(details()).map(([name, { limit }]) => [name, limit])) }),
  )
  routes.add('network', 'PUT /quotas/:project', (call) => {
    Object.assign(state.quotas, part(call.body, 'quota'))
    return ok({ quota: part(call.body, 'quota') })
  })
  routes.add('network', 'GET /extensions', () =>
    ok({
      extensions: ['standard-attr-tag', 'quota_details', 'security-group', 'router'].map((alias) => ({
        alias,
        name: alias,
      })),
    }),
  )
  routes.add('network', 'GET /agents', () => ok({ agents: [] }))
}

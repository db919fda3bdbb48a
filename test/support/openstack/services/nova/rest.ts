// The rest of Nova: flavors, key pairs, server groups, interfaces, diagnostics, the log of actions, limits, services.
import { accepted, badRequest, conflict, forbidden, noContent, notFound, ok } from '../../http/answer.ts'
import { objects, param, part, textOr, texts, type Call } from '../../http/call.ts'
import type { Routes } from '../../http/routes.ts'
import type { State } from '../../model/state.ts'
import { collectionRoutes } from '../collections.ts'
import { diagnosticsOf } from './diagnostics.ts'
import { addPort, ownPort, portsOf, releasePort } from './ports.ts'
import { findServer } from './servers.ts'

export function restOfNovaRoutes(routes: Routes, state: State): void {
  collectionRoutes(routes, state, {
    service: 'compute',
    collection: 'flavors',
    member: 'flavor',
    created: 200,
    isUnique: true,
    check: forAdmins,
    added: (_call, given) => ({
      'os-flavor-access:is_public': given['os-flavor-access:is_public'] ?? true,
      extra_specs: {},
    }),
    show: ({ extra_specs: specs, ...flavor }, call) =>
      call.minor >= 61 ? { ...flavor, extra_specs: specs ?? {} } : flavor,
  })
  routes.add('compute', 'GET /flavors/:id/os-extra_specs', (call) =>
    ok({ extra_specs: state.things('flavors').get(param(call, 'id'))?.['extra_specs'] ?? {} }),
  )
  routes.add('compute', 'POST /flavors/:id/os-extra_specs', (call) => {
    const flavor = state.things('flavors').get(param(call, 'id'))
    if (!flavor) throw notFound(`Flavor ${param(call, 'id')} could not be found.`)
    flavor['extra_specs'] = part(call.body, 'extra_specs')
    return ok({ extra_specs: flavor['extra_specs'] ?? {} })
  })
  routes.add('compute', 'POST /flavors/:id/action', (call) => {
    forAdmins(call)
    const flavor = state.things('flavors').get(param(call, 'id'))
    const tenant = textOr(part(call.body, 'addTenantAccess')['tenant'], '')
    if (!flavor) throw notFound(`Flavor ${param(call, 'id')} could not be found.`)
    if (texts(flavor['access']).includes(tenant)) {
      throw conflict(`Flavor access already exists for flavor ${flavor.id} and project ${tenant} combination.`)
    }
    flavor['access'] = [...texts(flavor['access']), tenant]
    return ok({ flavor_access: texts(flavor['access']).map((tenant_id) => ({ flavor_id: flavor.id, tenant_id })) })
  })
  keyPairRoutes(routes, state)
  collectionRoutes(routes, state, {
    service: 'compute',
    path: '/os-server-groups',
    collection: 'server_groups',
    member: 'server_group',
    created: 200,
    check: (call, given) => {
      if ('policy' in given !== call.minor >= 64) throw badRequest('Invalid input for field/attribute server_group.')
      if (state.things('server_groups').size >= state.quotas.server_groups) {
        throw forbidden('Quota exceeded, too many server groups.')
      }
    },
    added: (call) => ({ members: [], project_id: call.who.project?.id ?? '', user_id: call.who.user.id }),
  })
  collectionRoutes(routes, state, {
    service: 'compute',
    path: '/os-aggregates',
    collection: 'aggregates',
    member: 'aggregate',
    created: 200,
    check: forAdmins,
    added: () => ({ hosts: [], metadata: {} }),
    beforeDelete: (_call, { id, hosts }) => {
      if (texts(hosts).length > 0) {
        throw badRequest(`Cannot remove host from aggregate ${id}: Host aggregate is not empty.`)
      }
    },
  })
  interfaceRoutes(routes, state)
  routes.add('compute', 'GET /servers/:id/diagnostics', (call) =>
    diagnosticsOf(call, findServer(state, param(call, 'id'))),
  )
  actionLogRoutes(routes, state)
  figureRoutes(routes, state)
}

function forAdmins(call: Call): void {
  if (!call.who.isAdmin) throw forbidden("Policy doesn't allow it to be performed.")
}

function keyPairRoutes(routes: Routes, state: State): void {
  const all = state.things('keypairs')
  routes.add('compute', 'POST /os-keypairs', (call) => {
    const given = part(call.body, 'keypair')
    const name = textOr(given['name'], '')
    if (all.has(name)) throw conflict(`Key pair '${name}' already exists.`)
    if (all.size >= state.quotas.key_pairs) throw forbidden('Quota exceeded, too many key pairs.')
    const own = textOr(given['public_key'], undefined)
    if (own === undefined && call.minor >= 92) throw badRequest("'public_key' is a required property")
    const shown = {
      name,
      fingerprint: '00:11:22',
      public_key: own ?? `ssh-rsa ${name} Generated-by-Nova`,
      user_id: call.who.user.id,
      ...(call.minor >= 2 ? { type: 'ssh' } : {}),
    }
    all.set(name, { ...shown, id: name })
    const secret =
      own === undefined
        ? { private_key: `-----BEGIN RSA PRIVATE KEY-----\n${name}\n-----END RSA PRIVATE KEY-----\n` }
        : {}
    return { status: call.minor >= 2 ? 201 : 200, body: { keypair: { ...shown, ...secret } } }
  })
  routes.add('compute', 'GET /os-keypairs', () => ok({ keypairs: [...all.values()].map((keypair) => ({ keypair })) }))
  routes.add('compute', 'GET /os-keypairs/:id', (call) => {
    const keypair = all.get(param(call, 'id'))
    if (!keypair) throw notFound(`Keypair ${param(call, 'id')} not found for user ${call.who.user.id}`)
    return ok({ keypair })
  })
  routes.add('compute', 'DELETE /os-keypairs/:id', (call) => {
    if (!all.delete(param(call, 'id')))
      throw notFound(`Keypair ${param(call, 'id')} not found for user ${call.who.user.id}`)
    return call.minor >= 2 ? noContent : accepted()
  })
}

function interfaceRoutes(routes: Routes, state: State): void {
  const path = '/servers/:id/os-interface'
  const shown = (id: string) => {
    const port = state.things('ports').get(id)
    return {
      port_id: id,
      net_id: port?.['network_id'] ?? '',
      mac_addr: port?.['mac_address'] ?? '',
      port_state: port?.['status'] ?? '',
      fixed_ips: port?.['fixed_ips'] ?? [],
    }
  }
  routes.add('compute', `GET ${path}`, (call) =>
    ok({ interfaceAttachments: portsOf(state, findServer(state, param(call, 'id'))).map(shown) }),
  )
  routes.add('compute', `POST ${path}`, (call) => {
    const server = findServer(state, param(call, 'id'))
    const given = part(call.body, 'interfaceAttachment')
    const id = textOr(given['port_id'], undefined)
    const port = id === undefined ? undefined : state.things('ports').get(id)
    if (id !== undefined && !port) throw notFound(`Port id ${id} could not be found.`)
    if (port && port['device_id'] !== '') throw conflict(`Port ${port.id} is still in use.`)
    const [fixed] = objects(given['fixed_ips'])
    const bound = port ?? ownPort(state, server, textOr(given['net_id'], ''), textOr(fixed?.['ip_address'], undefined))
    addPort(server, bound)
    return ok({ interfaceAttachment: shown(bound.id) })
  })
  routes.add('compute', `DELETE ${path}/:port`, (call) => {
    const server = findServer(state, param(call, 'id'))
    if (!server.ports.includes(param(call, 'port')))
      throw notFound(`Instance ${server.id} has no port ${param(call, 'port')}`)
    state.work.begin(async () => {
      await state.work.step('port:detaching', param(call, 'port'), 'compute')
      if (server.ports.includes(param(call, 'port'))) releasePort(state, server, param(call, 'port'))
    })
    return accepted()
  })
}

function actionLogRoutes(routes: Routes, state: State): void {
  const path = '/servers/:id/os-instance-actions'
  const shown = (call: Call) => {
    const server = findServer(state, param(call, 'id'))
    return server.actions.map((one) => ({
      action: one.action,
      instance_uuid: server.id,
      request_id: one.requestId,
      user_id: server.userId,
      project_id: server.projectId,
      start_time: one.start,
      message: one.message,
      ...(call.minor >= 58 ? { updated_at: one.start } : {}),
      events: one.events.map(({ details, start, finish, ...event }) => ({
        ...event,
        start_time: start,
        finish_time: finish,
        traceback: null,
        ...(call.minor >= 84 ? { details } : {}),
      })),
    }))
  }
  routes.add('compute', `GET ${path}`, (call) =>
    ok({ instanceActions: shown(call).map(({ events: _events, ...one }) => one) }),
  )
  routes.add('compute', `GET ${path}/:request`, (call) => {
    const found = shown(call).find((one) => one.request_id === param(call, 'request'))
    if (!found) throw notFound(`Action for request_id ${param(call, 'request')} on instance not found`)
    return ok({ instanceAction: found })
  })
}

function figureRoutes(routes: Routes, state: State): void {
  const used = () => {
    const flavors = [...state.servers.values()].map(({ flavorId }) => state.things('flavors').get(flavorId))
    const sum = (name: string) => flavors.reduce((total, flavor) => total + Number(flavor?.[name] ?? 0), 0)
    return { instances: state.servers.size, cores: sum('vcpus'), ram: sum('ram') }
  }
  routes.add('compute', 'GET /limits', () => {
    const { instances, cores, ram } = used()
    const { quotas } = state
    return ok({
      limits: {
        rate: [],
        absolute: {
          maxTotalInstances: quotas.instances,
          totalInstancesUsed: instances,
          maxTotalCores: quotas.cores,
          totalCoresUsed: cores,
          maxTotalRAMSize: quotas.ram,
          totalRAMUsed: ram,
          maxTotalKeypairs: quotas.key_pairs,
          maxServerGroups: quotas.server_groups,
        },
      },
    })
  })
  routes.add('compute', 'GET /os-quota-sets/:project', (call) => {
    const { instances, cores, ram, key_pairs, server_groups } = state.quotas
    return ok({ quota_set: { id: param(call, 'project'), instances, cores, ram, key_pairs, server_groups } })
  })
  routes.add('compute', 'PUT /os-quota-sets/:project', (call) => {
    forAdmins(call)
    Object.assign(state.quotas, part(call.body, 'quota_set'))
    return ok({ quota_set: part(call.body, 'quota_set') })
  })
  routes.add('compute', 'GET /os-availability-zone', () =>
    ok({ availabilityZoneInfo: [{ zoneName: 'nova', zoneState: { available: true }, hosts: null }] }),
  )
  routes.add('compute', 'GET /os-services', (call) => {
    forAdmins(call)
    const status = state.work.isDown('compute') ? 'down' : 'up'
    return ok({ services: [{ binary: 'nova-compute', host: 'fake', zone: 'nova', status: 'enabled', state: status }] })
  })
  routes.add('compute', 'GET /os-hypervisors/detail', (call) => {
    forAdmins(call)
    return ok({
      hypervisors: [
        { id: 1, hypervisor_hostname: 'fake', state: 'up', status: 'enabled', running_vms: used().instances },
      ],
    })
  })
  routes.add('compute', 'POST /os-aggregates/:id/action', (call) => {
    forAdmins(call)
    const aggregate = state.things('aggregates').get(param(call, 'id'))
    if (!aggregate) throw notFound(`Aggregate ${param(call, 'id')} could not be found.`)
    const [action = ''] = Object.keys(call.body)
    const given = part(call.body, action)
    const host = textOr(given['host'], '')
    if (action === 'add_host') aggregate['hosts'] = [...texts(aggregate['hosts']), host]
    else if (action === 'remove_host') aggregate['hosts'] = texts(aggregate['hosts']).filter((one) => one !== host)
    else if (action === 'set_metadata') aggregate['metadata'] = part(given, 'metadata')
    return ok({ aggregate })
  })
}

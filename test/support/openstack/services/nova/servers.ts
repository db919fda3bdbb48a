// Nova's servers: made, listed, changed, deleted.
import { isJsonObject, type JsonObject } from '../../../../../src/kernel/json.ts'
import { accepted, badRequest, forbidden, noContent, notFound, ok, Refusal, type Answer } from '../../http/answer.ts'
import { metadata, objects, param, part, textOr, texts, type Call } from '../../http/call.ts'
import type { Routes } from '../../http/routes.ts'
import { FakeServer } from '../../model/server.ts'
import type { State } from '../../model/state.ts'
import type { FakeThing } from '../../model/things.ts'
import { findImage } from '../image.ts'
import { isAskedFor, listed, newestFirst } from '../listing.ts'
import { askedVolumes, attachAsked, detachAll } from './boot-volumes.ts'
import { inheritable } from './images.ts'
import { bindPorts, checkNetworks, releasePorts } from './ports.ts'
import { runJob } from './jobs.ts'
import { shownServer } from './views.ts'

export function serverRoutes(routes: Routes, state: State): void {
  routes.add('compute', 'POST /servers', (call) => create(state, call))
  const list = (call: Call): Answer => {
    const name = call.query.get('name')
    const found = newestFirst(state.servers.values()).filter(
      (server) =>
        // A regular expression, as all the world forgets.
        (name === null || new RegExp(name).test(server.name)) &&
        [server.status, null].includes(call.query.get('status')?.toUpperCase() ?? null) &&
        isAskedFor(call.query, shownServer(state, server, 99), [
          'name',
          'status',
          'all_tenants',
          'deleted',
          'all_projects',
        ]),
    )
    const isBrief = !call.path.endsWith('/detail')
    return listed(state, call, found, {
      collection: 'servers',
      id: ({ id }) => id,
      show: (one) => (isBrief ? { id: one.id, name: one.name, links: [] } : shownServer(state, one, call.minor)),
    })
  }
  routes.add('compute', 'GET /servers', list)
  routes.add('compute', 'GET /servers/detail', list)
  routes.add('compute', 'GET /servers/:id', (call) => show(state, call))
  routes.add('compute', 'PUT /servers/:id', (call) => {
    const server = findServer(state, param(call, 'id'))
    const given = part(call.body, 'server')
    server.name = textOr(given['name'], server.name)
    if ('description' in given) server.description = textOr(given['description'], null)
    return show(state, call)
  })
  routes.add('compute', 'DELETE /servers/:id', (call) => remove(state, call))
  routes.add('compute', 'GET /servers/:id/metadata', (call) =>
    ok({ metadata: findServer(state, param(call, 'id')).metadata }),
  )
  routes.add('compute', 'POST /servers/:id/metadata', (call) => {
    const server = findServer(state, param(call, 'id'))
    Object.assign(server.metadata, metadata(call.body['metadata']))
    return ok({ metadata: server.metadata })
  })
  routes.add('compute', 'DELETE /servers/:id/metadata/:name', (call) => {
    const server = findServer(state, param(call, 'id'))
    if (!Object.hasOwn(server.metadata, param(call, 'name'))) throw notFound('Metadata item was not found')
    delete server.metadata[param(call, 'name')]
    return noContent
  })
  routes.add('compute', 'PUT /servers/:id/tags', (call) => {
    const server = findServer(state, param(call, 'id'))
    if (call.minor < 26) throw notFound('The resource could not be found.')
    server.tags = [...texts(call.body['tags'])]
    return ok({ tags: server.tags })
  })
}

/** @throws Refusal 404 */
export function findServer(state: State, id: string): FakeServer {
  const server = state.servers.get(id)
  if (server) return server
  throw notFound(`Instance ${id} could not be found.`)
}

function show(state: State, call: Call): Answer {
  return ok({ server: shownServer(state, findServer(state, param(call, 'id')), call.minor) })
}

/** By id; Nova knows no names of flavors. */
export function findFlavor(state: State, id: string): FakeThing {
  const flavor = state.things('flavors').get(id)
  if (flavor) return flavor
  throw badRequest(`Flavor ${id} could not be found.`)
}

function create(state: State, call: Call): Answer {
  const given = part(call.body, 'server')
  const name = textOr(given['name'], '')
  if (name.trim() === '') throw badRequest("Invalid input for field/attribute name. Value: . '' is too short")
  if ('networks' in given || call.minor >= 37) checkNetworks(state, given['networks'], call.minor)
  const flavor = findFlavor(state, textOr(given['flavorRef'], ''))
  checkQuota(state, flavor)
  const imageId = textOr(given['imageRef'], '')
  const image = imageId === '' ? undefined : imageToBoot(state, imageId)
  const volumes = askedVolumes(state, call, given)
  const isFromVolume = volumes.some(({ bootIndex, destination }) => bootIndex === 0 && destination === 'volume')
  if (image === undefined && !isFromVolume)
    throw badRequest(
      'Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping combination is not valid.',
    )
  const keyName = textOr(given['key_name'], null)
  if (keyName !== null && !state.things('keypairs').has(keyName)) throw badRequest(`Invalid key_name provided.`)
  const server = new FakeServer(
    {
      id: state.id(),
      name,
      projectId: call.who.project?.id ?? '',
      userId: call.who.user.id,
      flavorId: flavor.id,
      imageId: isFromVolume ? null : (image?.id ?? null),
      created: state.seconds(),
      serial: state.serial(),
    },
    (id) => state.volumes.get(id),
  )
  Object.assign(server.metadata, metadata(given['metadata']))
  server.keyName = keyName
  if (image) server.imageProperties = inheritable(image)
  server.userData = textOr(given['user_data'], null)
  server.zone = textOr(given['availability_zone'], 'nova')
  server.configDrive = given['config_drive'] === true ? 'True' : ''
  if (call.minor >= 19) server.description = textOr(given['description'], null)
  if (call.minor >= 52) server.tags = [...texts(given['tags'])]
  const groups = objects(given['security_groups']).map((one) => textOr(one['name'], ''))
  if (groups.length > 0) server.securityGroups = groups
  const hints = call.body['os:scheduler_hints']
  if (isJsonObject(hints ?? null)) joinGroup(state, server, textOr((hints as JsonObject)['group'], null))
  state.servers.set(server.id, server)
  boot(state, call, { server, given, volumes, content: image?.content?.toString('utf8') ?? '' })
  return accepted({
    server: {
      id: server.id,
      links: [],
      'OS-DCF:diskConfig': 'MANUAL',
      security_groups: server.securityGroups.map((one) => ({ name: one })),
      adminPass: 'generated-by-nova',
    },
  })
}

function boot(
  state: State,
  call: Call,
  {
    server,
    given,
    volumes,
    content,
  }: {
    readonly server: FakeServer
    readonly given: JsonObject
    readonly volumes: ReturnType<typeof askedVolumes>
    readonly content: string
  },
): void {
  runJob(state, call, {
    server,
    action: 'create',
    tasks: ['scheduling', 'networking', 'block_device_mapping', 'spawning'],
    after: {
      networking: () => bindPorts(state, server, given['networks']),
      block_device_mapping: () => attachAsked(state, server, volumes),
    },
    done: () => {
      if (server.imageId !== null) server.disk = content
      server.vmState = 'active'
      server.powerState = 1
      server.host = 'fake'
      server.boots += 1
      server.launchedAt = state.micros()
    },
    broken: (thrown) => {
      server.vmState = 'error'
      server.taskState = null
      server.fault = { message: thrown.message, created: state.seconds() }
    },
  })
}

export function imageToBoot(state: State, id: string) {
  let image
  try {
    image = findImage(state, id)
  } catch (thrown) {
    if (thrown instanceof Refusal) throw badRequest(`Can not find requested image`)
    throw thrown
  }
  if (image.status !== 'active') throw badRequest(`Image ${id} is not active.`)
  return image
}

function checkQuota(state: State, flavor: FakeThing): void {
  const used = [...state.servers.values()].reduce(
    (sum, { flavorId }) => {
      const one = state.things('flavors').get(flavorId)
      return { cores: sum.cores + Number(one?.['vcpus'] ?? 0), ram: sum.ram + Number(one?.['ram'] ?? 0) }
    },
    { cores: 0, ram: 0 },
  )
  const over = (name: string, requested: number, taken: number, limit: number): void => {
    if (taken + requested <= limit) return
    throw forbidden(`Quota exceeded for ${name}: Requested ${requested}, but already used ${taken} of ${limit} ${name}`)
  }
  over('instances', 1, state.servers.size, state.quotas.instances)
  over('cores', Number(flavor['vcpus']), used.cores, state.quotas.cores)
  over('ram', Number(flavor['ram']), used.ram, state.quotas.ram)
}

function joinGroup(state: State, server: FakeServer, id: string | null): void {
  if (id === null) return
  const group = state.things('server_groups').get(id)
  if (!group) throw badRequest(`Invalid input: server group ${id} could not be found`)
  group['members'] = [...texts(group['members']), server.id]
  server.groupId = id
}

function remove(state: State, call: Call): Answer {
  const server = findServer(state, param(call, 'id'))
  if (server.isLocked && !call.who.isAdmin) throw new Refusal(409, `Instance ${server.id} is locked`)
  runJob(state, call, {
    server,
    action: 'delete',
    tasks: ['deleting'],
    done: () => {
      server.vmState = 'deleted'
      server.powerState = 0
      detachAll(state, server)
      releasePorts(state, server)
      state.servers.delete(server.id)
      const group = server.groupId === null ? undefined : state.things('server_groups').get(server.groupId)
      if (group) group['members'] = texts(group['members']).filter((id) => id !== server.id)
    },
  })
  return noContent
}

// Everything that holds no data: networks, firewalls, addresses and the like, kept as they were given. And operations, and
// the figures of Cloud Monitoring.
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import { inUse, last, object, objects, text, type Answer, type Call } from '../http/answer.ts'
import type { Front } from '../http/front.ts'
import type { FakeOperation, Quotas, State } from '../model/state.ts'
import { listed } from './listing.ts'

const places = { 'zones/:zone': 'zones', 'regions/:region': 'regions', global: 'global' } as const

const collections: Readonly<Record<keyof typeof places, string>> = {
  'zones/:zone': 'instanceGroups|diskTypes',
  'regions/:region': 'subnetworks|addresses|backendServices|forwardingRules',
  global:
    'networks|firewalls|routes|addresses|images|healthChecks|httpHealthChecks|httpsHealthChecks|backendServices|urlMaps|targetHttpProxies|targetHttpsProxies|targetSslProxies|targetTcpProxies|sslCertificates|forwardingRules',
}

const longestWait = 200

export function thingRoutes(front: Front, state: State, pageSize: number): void {
  for (const place of Object.keys(places) as (keyof typeof places)[]) {
    operationRoutes(front, state, place, pageSize)
    for (const collection of (collections[place] ?? '').split('|'))
      collectionRoutes(front, state, place, collection, pageSize)
  }
  front.add('GET /timeSeries', (call) => timeSeries(state, call))
}

const placeOf = (place: string, { params }: Call): string =>
  place.replace(':zone', params['zone'] ?? '').replace(':region', params['region'] ?? '')

function operationRoutes(front: Front, state: State, place: string, pageSize: number): void {
  const found = (call: Call): FakeOperation => state.found(state.operations, call.params['name'] ?? '')
  front.add(`GET /${place}/operations`, (call) => {
    const all = [...state.operations.values()].filter((one) => one.place === placeOf(place, call))
    return listed(
      call,
      all.map((one) => state.shownOperation(one)),
      pageSize,
    )
  })
  front.add(`GET /${place}/operations/:name`, (call) => ({ status: 200, body: state.shownOperation(found(call)) }))
  front.add(`POST /${place}/operations/:name/wait`, async (call) => {
    const operation = found(call)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, longestWait)
    })
    await Promise.race([operation.ended, late])
    clearTimeout(timer)
    return { status: 200, body: state.shownOperation(operation) }
  })
}

function collectionRoutes(front: Front, state: State, place: string, collection: string, pageSize: number): void {
  const base = `/${place}/${collection}`
  const keyOf = (call: Call, name = call.params['name'] ?? ''): string =>
    `${placeOf(place, call)}/${collection}/${name}`
  const change = (call: Call, type: string, key: string, begin: () => () => Promise<void>): Answer =>
    state.operation(call, { place: placeOf(place, call), type, target: key }, begin)

  front.add(`GET ${base}`, (call) => {
    const prefix = keyOf(call, '')
    const all = [...state.things.entries()].filter(([key]) => key.startsWith(prefix)).map(([, thing]) => thing)
    return listed(call, all, pageSize)
  })
  front.add(`GET ${base}/:name`, (call) => ({ status: 200, body: state.found(state.things, keyOf(call)) }))
  front.add(`POST ${base}`, (call) => {
    const key = keyOf(call, text(call.body['name']) ?? '')
    return change(call, 'insert', key, () => {
      const name = state.newName(call.body, state.things, (one) => keyOf(call, one))
      const used = [...state.things.keys()].filter((one) => one.split('/').at(-2) === collection).length
      if (collection in state.quotas) state.needRoom(collection as keyof Quotas, used)
      const { id } = state.identity(name, placeOf(place, call), call.body['labels'])
      const own = collection === 'addresses' ? { address: `203.0.113.${used + 10}`, status: 'RESERVED' } : {}
      return async () => {
        await state.work.step(`${collection}:creating`, id)
        state.things.set(key, { ...own, ...call.body, id, selfLink: state.link(key), fingerprint: 'f1' })
      }
    })
  })
  front.add(`PATCH ${base}/:name`, (call) =>
    change(call, 'patch', keyOf(call), () => {
      state.things.set(keyOf(call), { ...state.found(state.things, keyOf(call)), ...call.body })
      return async () => {}
    }),
  )
  front.add(`DELETE ${base}/:name`, (call) =>
    change(call, 'delete', keyOf(call), () => {
      const thing = state.found(state.things, keyOf(call))
      const user = usersOf(state, String(thing['selfLink']))
      if (user !== undefined) throw inUse(collection, user)
      return async () => {
        await state.work.step(`${collection}:deleting`, String(thing['id']))
        state.things.delete(keyOf(call))
      }
    }),
  )
  for (const action of ['addPeering', 'removePeering', 'addInstances', 'removeInstances', 'setNamedPorts']) {
    front.add(`POST ${base}/:name/${action}`, (call) =>
      change(call, action, keyOf(call), () => {
        const thing = state.found(state.things, keyOf(call))
        const mentioned = objects(call.body['instances']).map(({ instance }) => String(instance))
        const before = Array.isArray(thing['instances']) ? (thing['instances'] as string[]) : []
        const rest = before.filter((one) => !mentioned.includes(one))
        const instances = action === 'addInstances' ? [...rest, ...mentioned] : rest
        const others = objects(thing['peerings']).filter((one) => one['name'] !== call.body['name'])
        const peerings = action === 'addPeering' ? [...others, call.body] : others
        state.things.set(keyOf(call), { ...thing, instances, peerings })
        return async () => {}
      }),
    )
  }
  front.add(`POST ${base}/:name/listInstances`, (call) => {
    const thing = state.found(state.things, keyOf(call))
    const instances = Array.isArray(thing['instances']) ? (thing['instances'] as string[]) : []
    return { status: 200, body: { items: instances.map((instance) => ({ instance, status: 'RUNNING' })) } }
  })
}

/** The network of a subnetwork, of a firewall, of an instance. */
function usersOf(state: State, link: string): string | undefined {
  const points = (values: JsonObject): boolean =>
    Object.entries(values).some(([name, value]) => ['network', 'subnetwork'].includes(name) && isSame(value, link))
  for (const [key, thing] of state.things) if (points(thing)) return key
  for (const [key, { shown }] of state.instances) if (objects(shown['networkInterfaces']).some(points)) return key
  return undefined
}

function isSame(value: unknown, link: string): boolean {
  return typeof value === 'string' && (value === link || link.endsWith(`/${value}`))
}

function timeSeries(state: State, call: Call): Answer {
  const filter = call.query.get('filter') ?? ''
  const [, id = ''] = /resource\.labels\.instance_id *= *"?(\d+)"?/.exec(filter) ?? []
  const instance = [...state.instances.values()].find((one) => one.id === id)
  if (instance?.status !== 'RUNNING') return { status: 200, body: {} }
  const [, metric = ''] = /metric\.type *= *"([^"]+)"/.exec(filter) ?? []
  const value = metric.endsWith('cpu/utilization') ? { doubleValue: 0.25 } : { int64Value: '1024' }
  const interval = { endTime: new Date(state.now()).toISOString() }
  return { status: 200, body: { timeSeries: [{ points: [{ interval, value }] }] } }
}

/** Of a thing in the state, by its name alone. */
export function thingNamed(state: State, collection: string, name: string): JsonObject {
  const [found] = [...state.things.entries()].filter(
    ([key]) => key.split('/').at(-2) === collection && last(key) === name,
  )
  if (found === undefined) throw new Error(`the project has no ${collection}/${name}`)
  return isJsonObject(found[1]) ? found[1] : object(found[1])
}

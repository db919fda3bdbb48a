// Routes of a router, as its own or as a node of their own: added where they are missing, and only what we added taken away.
import { Fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { operation } from '../../contract/operation.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { badProperty, errorState, missing } from '../errors.ts'
import { Reader } from '../reader.ts'
import { changeThing, findThing, readThing } from '../resource/api.ts'
import { sceneOf } from '../resource/create.ts'
import { idOf, type Scene } from '../resource/kind.ts'
import { argsIn } from '../resource/operations.ts'
import { recordedId } from '../resource/record.ts'
import { relatedOfType } from '../resource/related.ts'
import { routers } from './routers.ts'

/** On record before the cloud is asked. */
const addedRoutes = 'added_routes'

/** `start` of a router, and `create` of what the older types call Routes: a router's routes as a node of their own. */
export const addRoutes = operation({
  async run(ctx, inputs) {
    const scene = await sceneOf(ctx, inputs)
    const given = new Reader({ ...argsIn(inputs, 'args'), ...textless(inputs) }).list('routes')
    const routes = given.length > 0 ? given : scene.settings.options.list('routes')
    if (routes.length === 0) return
    const router = await routerOf(scene)
    const wanted = routes.map((one) => ({
      destination: one.required('destination', one.text),
      nexthop: one.required('nexthop', one.text),
    }))
    const missingNow = wanted.filter((one) => !hasRoute(router.routes, one))
    if (missingNow.length > 0) {
      ctx.instance.runtimeProperties[addedRoutes] = union(recorded(ctx.instance.runtimeProperties), missingNow)
      await ctx.save()
      await changeRoutes(scene.cloud, router.id, 'add', missingNow)
    }
    ctx.log.info(`Router ${router.id} has ${wanted.length} routes of ours, ${missingNow.length} of them new`)
  },
})

/** `stop` of a router, `delete` of Routes. */
export const removeRoutes = operation({
  async run(ctx, inputs) {
    const ours = recorded(ctx.instance.runtimeProperties)
    if (ours.length > 0) {
      const scene = await sceneOf(ctx, inputs)
      const id = await routerIdOf(scene)
      const there = id === undefined ? undefined : await readThing(scene.cloud, routers, id)
      const gone = ours.filter((one) => hasRoute(routesOf(there ?? {}), one))
      if (id !== undefined && gone.length > 0) await changeRoutes(scene.cloud, id, 'remove', gone)
    }
    delete ctx.instance.runtimeProperties[addedRoutes]
  },
})

interface Route extends JsonObject {
  readonly destination: string
  readonly nexthop: string
}

// What is handed over empty says nothing.
function textless(inputs: JsonObject): JsonObject {
  const routes = inputs['routes']
  return Array.isArray(routes) && routes.length > 0 ? { routes } : {}
}

async function routerOf(scene: Scene): Promise<{ readonly id: string; readonly routes: readonly Route[] }> {
  const id = await routerIdOf(scene)
  if (id === undefined) throw badProperty('resource_id', 'name the router, or let a relationship lead to it')
  const router = await readThing(scene.cloud, routers, id)
  if (router === undefined) throw missing(routers.word, id)
  return { id, routes: routesOf(router) }
}

async function routerIdOf({ ctx, cloud, settings }: Scene): Promise<string | undefined> {
  const known = recordedId(ctx)
  if (known !== undefined) return known
  const related = await relatedOfType(ctx, routers.type)
  if (related[0] !== undefined) return related[0].id
  const named = settings.options.text('resource_id') ?? settings.resourceId
  const found = named === undefined ? undefined : await findThing(cloud, routers, named)
  return found && idOf(routers, found)
}

// Two may change the routes of one router at once: the cloud adds and removes for us where it can.
async function changeRoutes(cloud: Cloud, id: string, how: 'add' | 'remove', routes: readonly Route[]): Promise<void> {
  const path = `${pathOf`/routers/${id}`}/${how}_extraroutes`
  try {
    await cloud.request({ service: 'network', method: 'PUT', path, body: { router: { routes: routes.slice() } } })
  } catch (thrown) {
    const router = thrown instanceof Fault && thrown.effect === 'none' ? await readThing(cloud, routers, id) : undefined
    if (router === undefined || !(thrown instanceof Fault) || !isUnknownCall(thrown)) throw thrown
    const others = routesOf(router).filter((one) => !hasRoute(routes, one))
    const change = { routes: how === 'add' ? [...others, ...routes] : others }
    await changeThing(cloud, routers, { id, change })
  }
  const now = routesOf((await readThing(cloud, routers, id)) ?? {})
  const isDone = routes.every((one) => hasRoute(now, one) === (how === 'add'))
  if (!isDone) throw errorState(routers.word, id, '', `its routes are ${JSON.stringify(now)} after we changed them`)
}

function isUnknownCall({ code }: Fault): boolean {
  return code === 'openstack.not_found' || code === 'openstack.bad_answer'
}

function routesOf(router: JsonObject): readonly Route[] {
  return new Reader(router).list('routes').map((one) => ({
    destination: one.text('destination') ?? '',
    nexthop: one.text('nexthop') ?? '',
  }))
}

function recorded(known: JsonObject): readonly Route[] {
  return routesOf({ routes: known[addedRoutes] ?? [] })
}

function hasRoute(routes: readonly Route[], { destination, nexthop }: Route): boolean {
  return routes.some((one) => one.destination === destination && one.nexthop === nexthop)
}

function union(left: readonly Route[], right: readonly Route[]): Route[] {
  return [...left, ...right.filter((one) => !hasRoute(left, one))]
}

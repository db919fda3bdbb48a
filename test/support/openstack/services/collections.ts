// Things that are merely kept: made, listed, shown, changed and deleted as they are given, with what their service adds.
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'
import { conflict, noContent, notFound, ok, type Service } from '../http/answer.ts'
import { param, part, textOr, type Call } from '../http/call.ts'
import type { Routes } from '../http/routes.ts'
import type { State } from '../model/state.ts'
import type { FakeThing } from '../model/things.ts'
import { isAskedFor, listed } from './listing.ts'

export interface Kind {
  readonly service: Service
  /** In paths: `/qos/policies`. Default: `/` and the collection. */
  readonly path?: string
  /** In bodies: `networks`, `network`. */
  readonly collection: string
  readonly member: string
  /** What a new one has beside what was given. */
  added?(call: Call, given: JsonObject): JsonObject
  /** Looks at what is asked for. @throws Refusal */
  check?(call: Call, given: JsonObject): void
  /** @throws Refusal when it is in use */
  beforeDelete?(call: Call, thing: FakeThing): void
  afterCreate?(call: Call, thing: FakeThing): void
  show?(thing: FakeThing, call: Call): JsonObject
  /** Default: PUT. */
  readonly change?: 'PUT' | 'PATCH'
  /** Default: 201. */
  readonly created?: number
  /** No other may have its name. */
  readonly isUnique?: boolean
}

export function collectionRoutes(routes: Routes, state: State, kind: Kind): void {
  const { service, collection, member } = kind
  const path = kind.path ?? `/${collection}`
  const all = state.things(collection)
  const shown = (thing: FakeThing, call: Call): JsonObject => kind.show?.(thing, call) ?? thing
  const list = (call: Call) =>
    listed(state, call, visible(all.values(), call), {
      collection,
      id: ({ id }) => id,
      show: (thing) => shown(thing, call),
    })
  routes.add(service, `GET ${path}`, list)
  routes.add(service, `GET ${path}/detail`, list)
  routes.add(service, `GET ${path}/:id`, (call) => ok({ [member]: shown(findThing(state, kind, call), call) }))
  routes.add(service, `POST ${path}`, (call) => {
    const given = part(call.body, member)
    kind.check?.(call, given)
    if (kind.isUnique === true && [...all.values()].some(({ name }) => name === given['name'])) {
      throw conflict(`${member} ${textOr(given['name'], '')} already exists.`)
    }
    const thing: FakeThing = { ...given, ...kind.added?.(call, given), id: newId(state, call, given) }
    all.set(thing.id, thing)
    kind.afterCreate?.(call, thing)
    return { status: kind.created ?? 201, body: { [member]: shown(thing, call) } }
  })
  routes.add(service, `${kind.change ?? 'PUT'} ${path}/:id`, (call) => {
    const thing = findThing(state, kind, call)
    const given = part(call.body, member)
    Object.assign(thing, given)
    return ok({ [member]: shown(thing, call) })
  })
  routes.add(service, `DELETE ${path}/:id`, (call) => {
    const thing = findThing(state, kind, call)
    kind.beforeDelete?.(call, thing)
    all.delete(thing.id)
    return noContent
  })
}

export function findThing(
  state: State,
  { collection, member }: Pick<Kind, 'collection' | 'member'>,
  call: Call,
): FakeThing {
  const id = param(call, 'id')
  const found = state.things(collection).get(id)
  if (found) return found
  throw notFound(`${member} ${id} could not be found.`)
}

function visible(things: Iterable<FakeThing>, call: Call): readonly FakeThing[] {
  return [...things].filter((thing) => isAskedFor(call.query, thing, ['is_public', 'all_tenants']))
}

/** Flavors may bring their own. */
function newId(state: State, call: Call, given: JsonObject): string {
  const own: Json | undefined = given['id']
  if (typeof own === 'string' && own !== 'auto') return own
  return call.service === 'identity' ? state.id().replaceAll('-', '') : state.id()
}

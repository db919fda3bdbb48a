// Plain resources over a cloud's API: read, listed, made, changed, deleted. It knows nothing of nodes.
import { seconds } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { Query } from '../../http/query.ts'
import type { Cloud } from '../client/cloud.ts'
import { ambiguous, missing } from '../errors.ts'
import { untilGone } from '../wait.ts'
import { idOf, nameOf, type ResourceKind, type Thing } from './kind.ts'

export async function readThing(cloud: Cloud, kind: ResourceKind, id: string): Promise<Thing | undefined> {
  const body = await cloud.find<JsonObject>({
    service: kind.service,
    path: pathOfThing(kind, id),
    microversion: await kind.microversion?.(cloud),
  })
  return body && bare(kind, body)
}

export async function* listThings(cloud: Cloud, kind: ResourceKind, query: Query = {}): AsyncIterable<Thing> {
  const request = {
    service: kind.service,
    path: kind.listPath ?? kind.path,
    query: { ...kind.listQuery, ...query },
    microversion: await kind.microversion?.(cloud),
  }
  for await (const item of cloud.pages<JsonObject>(request, kind.collection)) yield kind.unwrapped?.(item) ?? item
}

/** By its exact name. Not every service looks at what it is asked for, so we do. */
export async function thingsNamed(cloud: Cloud, kind: ResourceKind, name: string): Promise<readonly Thing[]> {
  const { nameField = 'name' } = kind
  if (nameField === null || name === '') return []
  const found: Thing[] = []
  for await (const thing of listThings(cloud, kind, { [nameField]: name })) {
    if (nameOf(kind, thing) === name) found.push(thing)
  }
  return found
}

/**
 * By name or id; a name wins over an id, as nobody names a thing by another's id. The project's own go before others of that
 * name.
 *
 * @throws Fault `openstack.ambiguous`
 */
export async function findThing(cloud: Cloud, kind: ResourceKind, nameOrId: string): Promise<Thing | undefined> {
  const all = await thingsNamed(cloud, kind, nameOrId)
  // Administrators see those of everybody: each project has a security group `default`.
  const own = all.filter((thing) => (thing['project_id'] ?? thing['tenant_id']) === cloud.projectId)
  const named = own.length > 0 ? own : all
  if (named.length > 1) {
    throw ambiguous(
      kind.word,
      nameOrId,
      named.map((thing) => idOf(kind, thing)),
    )
  }
  return named[0] ?? (await readThing(cloud, kind, nameOrId))
}

/** For what a blueprint names by name or id. @throws Fault `openstack.missing`, `openstack.ambiguous` */
export async function idOfNamed(cloud: Cloud, kind: ResourceKind, nameOrId: string): Promise<string> {
  const found = await findThing(cloud, kind, nameOrId)
  if (found === undefined) throw missing(kind.word, nameOrId)
  return idOf(kind, found)
}

export async function makeThing(cloud: Cloud, kind: ResourceKind, wanted: JsonObject): Promise<Thing> {
  const { body } = await cloud.request<JsonObject>({
    service: kind.service,
    method: 'POST',
    path: kind.path,
    body: wrapped(kind, wanted),
    microversion: await kind.microversion?.(cloud),
  })
  return bare(kind, body)
}

export async function changeThing(
  cloud: Cloud,
  kind: ResourceKind,
  { id, change }: { readonly id: string; readonly change: JsonObject },
): Promise<Thing> {
  const { body } = await cloud.request<JsonObject>({
    service: kind.service,
    method: kind.change ?? 'PUT',
    path: pathOfThing(kind, id),
    body: wrapped(kind, change),
    microversion: await kind.microversion?.(cloud),
  })
  return bare(kind, body)
}

/**
 * Resolves when it is gone. What still holds it may be about to let go: a server that is being deleted and its port.
 *
 * @throws Fault `openstack.conflict` when nothing lets go of it
 */
export async function deleteThing(cloud: Cloud, kind: ResourceKind, id: string): Promise<void> {
  const end = cloud.world.clock.monotonic() + patience
  for (let pause = 500; ; pause = Math.min(pause * 2, 8000)) {
    try {
      await cloud.request({ service: kind.service, method: 'DELETE', path: pathOfThing(kind, id) })
      break
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      if (thrown.code === 'openstack.not_found') return
      if (!letsGo.has(thrown.code) || cloud.world.clock.monotonic() + pause > end) throw thrown
      await cloud.world.clock.sleep(pause, cloud.signal)
    }
  }
  await untilGone(cloud, () => readThing(cloud, kind, id), {
    kind: kind.word,
    id,
    status: (thing) => (typeof thing['status'] === 'string' ? thing['status'] : ''),
  })
}

/** For a change that takes away what may be gone already. */
export function unlessGone(thrown: unknown): void {
  if (thrown instanceof Fault && thrown.code === 'openstack.not_found') return
  throw thrown
}

const patience = seconds(60)
const letsGo: ReadonlySet<string> = new Set(['openstack.conflict', 'openstack.busy'])

export function pathOfThing({ path }: ResourceKind, id: string): string {
  return `${path}/${encodeURIComponent(id)}`
}

function wrapped({ member }: ResourceKind, thing: JsonObject): Json {
  return member === null ? thing : { [member]: thing }
}

function bare({ member }: ResourceKind, body: JsonObject): Thing {
  const inner = member === null ? body : body[member]
  return inner !== undefined && isJsonObject(inner) ? inner : {}
}

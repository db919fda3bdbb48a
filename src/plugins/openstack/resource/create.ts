// lifecycle.create of a plain resource: an external one is looked up; any other is made once, whatever becomes of the answer.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { cloudOf } from '../client/shared-clouds.ts'
import { ambiguous, badProperty, missing } from '../errors.ts'
import { isMarked, markFor, markOf, tagOf } from '../mark.ts'
import { Reader } from '../reader.ts'
import { settingsOf } from '../settings.ts'
import { findThing, listThings, makeThing, readThing, thingsNamed } from './api.ts'
import { idOf, nameOf, type ResourceKind, type Scene, type Thing } from './kind.ts'
import { isOurs, recordedId, remember, rememberAsOurs, rememberAsTheirs } from './record.ts'

/** The ids of what had its name before it was made: of things that can bear no mark. */
const namesakes = 'namesakes_before'

export async function sceneOf(ctx: OperationContext, inputs: JsonObject = {}): Promise<Scene> {
  const settings = await settingsOf(ctx, inputs)
  return { ctx, settings, cloud: await cloudOf(ctx, settings) }
}

export async function createResource(scene: Scene, kind: ResourceKind): Promise<Thing> {
  const { ctx, settings } = scene
  const external = await thereAlready(scene, kind)
  if (external !== undefined) {
    remember(ctx, kind, external, settings)
    await ctx.save()
    ctx.log.info(`Uses the external ${kind.word} ${shown(kind, external)}`)
    return external
  }
  if (settings.isExternal) {
    rememberAsOurs(ctx)
    await ctx.save()
  }
  const thing = await make(scene, kind, await kind.describe(scene))
  remember(ctx, kind, thing, settings)
  await ctx.save()
  const usable = (await kind.ready?.(scene, thing)) ?? thing
  remember(ctx, kind, usable, settings)
  ctx.log.info(`Created ${kind.word} ${shown(kind, usable)}`)
  return usable
}

async function thereAlready(scene: Scene, kind: ResourceKind): Promise<Thing | undefined> {
  const { ctx, settings } = scene
  if (!isOurs(ctx, settings)) return externalThing(scene, kind)
  const taken = recordedId(ctx) === undefined ? await kind.instead?.(scene) : undefined
  // An attempt of ours may have made it, and its answer been lost.
  if (taken === undefined || isDescribed(taken, ctx.operation.key)) return undefined
  rememberAsTheirs(ctx)
  return taken
}

/** undefined: there is none, and one is to be made. @throws Fault `openstack.missing`, `openstack.ambiguous` */
export async function externalThing(scene: Scene, kind: ResourceKind): Promise<Thing | undefined> {
  const { cloud, settings } = scene
  const { resourceId, resourceName } = settings
  const wanted = resourceId ?? resourceName ?? new Reader(settings.resource, 'resource_config').text(nameField(kind))
  if (wanted === undefined) {
    throw badProperty('resource_config', `an external ${kind.word} needs its id or its name`)
  }
  const found = resourceId === undefined ? await findThing(cloud, kind, wanted) : await readThing(cloud, kind, wanted)
  if (found !== undefined) return found
  if (settings.isCreatedIfMissing) return undefined
  throw missing(kind.word, wanted)
}

async function make(scene: Scene, kind: ResourceKind, wanted: JsonObject): Promise<Thing> {
  const { ctx, cloud } = scene
  const known = recordedId(ctx)
  // An earlier attempt came as far as the record, and not to its end.
  const there = known === undefined ? undefined : await readThing(cloud, kind, known)
  if (there !== undefined) return there
  return ctx.once({
    lookUp: (key) => ours(scene, kind, wanted, key),
    create: async (key) => {
      if (kind.marking === 'newcomer') await recordNamesakes(scene, kind, wanted)
      return makeThing(cloud, kind, marked(ctx, kind, wanted, key))
    },
  })
}

function marked(ctx: OperationContext, kind: ResourceKind, wanted: JsonObject, key: string): JsonObject {
  switch (kind.marking) {
    case 'description':
      return { ...wanted, description: describedAs(wanted['description'], key) }
    case 'properties':
      return { ...wanted, ...markFor(key), ...markOf(ctx) }
    case 'metadata':
      return { ...wanted, metadata: { ...metadataIn(wanted), ...markOf(ctx) } }
    case 'newcomer':
      return wanted
  }
}

function metadataIn({ metadata }: JsonObject): JsonObject {
  return metadata !== undefined && isJsonObject(metadata) ? metadata : {}
}

/** No cloud takes more than 255 characters. */
function describedAs(own: Json | undefined, key: string): string {
  const tag = tagOf(key)
  return typeof own === 'string' && own !== '' ? `${own.slice(0, 255 - tag.length - 3)} (${tag})` : tag
}

function isDescribed({ description }: Thing, key: string): boolean {
  return typeof description === 'string' && description.includes(tagOf(key))
}

async function ours(
  { ctx, cloud }: Scene,
  kind: ResourceKind,
  wanted: JsonObject,
  key: string,
): Promise<Thing | undefined> {
  const field = nameField(kind)
  const called = wanted[field]
  const name = typeof called === 'string' ? { [field]: called } : {}
  switch (kind.marking) {
    case 'description':
      for await (const thing of listThings(cloud, kind, name)) {
        if (isDescribed(thing, key)) return thing
      }
      return undefined
    case 'properties':
      for await (const thing of listThings(cloud, kind, markFor(key))) if (isMarked(thing, key)) return thing
      return undefined
    case 'metadata':
      for await (const thing of listThings(cloud, kind, name)) if (isMarked(metadataIn(thing), key)) return thing
      return undefined
    case 'newcomer':
      return newcomer({ ctx, cloud }, kind, wanted)
  }
}

async function recordNamesakes({ ctx, cloud }: Scene, kind: ResourceKind, wanted: JsonObject): Promise<void> {
  const before = await namesakesOf(cloud, kind, wanted)
  ctx.instance.runtimeProperties[namesakes] = { ids: before.map((thing) => idOf(kind, thing)) }
  await ctx.save()
}

async function newcomer(
  { ctx, cloud }: Pick<Scene, 'ctx' | 'cloud'>,
  kind: ResourceKind,
  wanted: JsonObject,
): Promise<Thing | undefined> {
  const before = ctx.instance.runtimeProperties[namesakes]
  const ids = before !== undefined && isJsonObject(before) ? before['ids'] : undefined
  // Nothing was asked of the cloud before they were on record.
  if (!Array.isArray(ids)) return undefined
  const now = await namesakesOf(cloud, kind, wanted)
  const found = now.filter((thing) => !(ids as readonly Json[]).includes(idOf(kind, thing)))
  if (found.length < 2) return found[0]
  throw ambiguous(
    kind.word,
    nameOf(kind, found[0] ?? {}),
    found.map((thing) => idOf(kind, thing)),
  )
}

async function namesakesOf(cloud: Scene['cloud'], kind: ResourceKind, wanted: JsonObject): Promise<readonly Thing[]> {
  const all: Thing[] = []
  const name = wanted[nameField(kind)]
  if (typeof name === 'string') all.push(...(await thingsNamed(cloud, kind, name)))
  else for await (const thing of listThings(cloud, kind)) all.push(thing)
  return all.filter((thing) => kind.isLike?.(thing, wanted) ?? true)
}

function nameField({ nameField: field = 'name' }: ResourceKind): string {
  return field ?? ''
}

function shown(kind: ResourceKind, thing: Thing): string {
  const name = nameOf(kind, thing)
  return name === '' ? idOf(kind, thing) : `${name} (${idOf(kind, thing)})`
}

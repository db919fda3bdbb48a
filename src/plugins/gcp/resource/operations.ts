// lifecycle.create and delete of a plain resource: an external one is looked up; any other is made once, whatever becomes of
// the answer, and deleted by the address on record.
import { Fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { pathOf } from '../client/project.ts'
import { missing } from '../errors.ts'
import { tagOf } from '../names.ts'
import { sceneOf, type Scene } from '../settings.ts'
import { makeOnce, workOf } from '../work.ts'
import { collectionPath, type ResourceKind, type Thing } from './kind.ts'

const part = 'resource'

/** On record: below the project, so that a delete needs no properties. */
const whereKnown = 'gcp_path'

export function resourceOperations(name: string, kind: ResourceKind): Readonly<Record<string, PluginOperation>> {
  return {
    [`${name}.create`]: operation({
      async run(ctx, inputs) {
        const scene = await sceneOf(ctx, inputs)
        const { settings } = scene
        const thing = settings.isExternal ? await external(scene, kind) : await made(scene, kind)
        remember(scene, kind, thing)
        await ctx.save()
        ctx.log.info(`${settings.isExternal ? 'Uses the external' : 'Created'} ${kind.word} ${thing.name}`)
      },
    }),
    [`${name}.delete`]: operation({
      async run(ctx, inputs) {
        const scene = await sceneOf(ctx, inputs)
        const path = ctx.instance.runtimeProperties[whereKnown]
        if (scene.settings.isExternal) ctx.log.info(`The ${kind.word} is external and left as it is`)
        else if (typeof path === 'string') {
          await deleteThing(scene, path)
          ctx.log.info(`Deleted ${kind.word} ${scene.settings.recordedName ?? ''}`)
        }
        forget(scene)
      },
    }),
  }
}

export async function deleteThing({ project }: Pick<Scene, 'project'>, path: string): Promise<void> {
  try {
    await project.change({ method: 'DELETE', path })
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'gcp.not_found') throw thrown
  }
}

async function external(scene: Scene, kind: ResourceKind): Promise<Thing> {
  const { wantedName } = scene.settings
  const path = collectionPath(scene, kind) + pathOf`/${wantedName}`
  const found = await scene.project.find<Thing>({ path })
  if (found === undefined) throw missing(kind.word, wantedName)
  return found
}

async function made(scene: Scene, kind: ResourceKind): Promise<Thing> {
  const { ctx, settings } = scene
  const known = ctx.instance.runtimeProperties
  const called = settings.recordedName ?? settings.wantedName
  const body = { ...(await kind.describe(scene)), ...settings.additional }
  // Durable before it is asked for: what is half made is to be deleted, too.
  Object.assign(known, { name: called, [whereKnown]: collectionPath(scene, kind) + pathOf`/${called}` })
  await ctx.save()
  try {
    return await makeNamed(scene, kind, called, body)
  } catch (thrown) {
    // Somebody else's thing of that name must not be deleted by us.
    if (thrown instanceof Fault && thrown.effect === 'none') forget(scene)
    throw thrown
  }
}

/** Its description bears our mark: not everything can have labels. */
export async function makeNamed(
  scene: Scene,
  kind: Pick<ResourceKind, 'word' | 'collection' | 'place' | 'describe'>,
  called: string,
  body: JsonObject,
): Promise<Thing> {
  const work = workOf(scene.ctx, scene.project)
  const own = `${part}/${called}`
  const tag = tagOf({ key: work.key, part: own })
  const { description } = body
  const path = collectionPath(scene, kind)
  return makeOnce<Thing & { readonly labels?: JsonObject }>(work, {
    part: own,
    kind: kind.word,
    name: called,
    find: () => scene.project.find({ path: path + pathOf`/${called}` }),
    isOurs: (thing) => String(thing['description']).includes(tag),
    change: {
      path,
      body: { ...body, name: called, description: typeof description === 'string' ? `${description} (${tag})` : tag },
    },
  })
}

function remember({ ctx }: Scene, kind: ResourceKind, thing: Thing): void {
  const { id, name, selfLink } = thing
  const word = kind.word.replaceAll(' ', '')
  Object.assign(
    ctx.instance.runtimeProperties,
    { kind: `compute#${word}`, id, name, selfLink },
    kind.attributes?.(thing),
  )
}

function forget({ ctx }: Scene): void {
  for (const name of Object.keys(ctx.instance.runtimeProperties)) delete ctx.instance.runtimeProperties[name]
}

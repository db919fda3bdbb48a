// The operations that all plain resources have: create, delete, update, list, and what validates a creation.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import type { Query } from '../../http/query.ts'
import { badProperty, notCreated } from '../errors.ts'
import { changeThing, listThings } from './api.ts'
import { createResource, sceneOf } from './create.ts'
import { deleteResource } from './delete.ts'
import type { ResourceKind, Scene, Thing } from './kind.ts'
import { recordedId, remember } from './record.ts'
import { validateCreation } from './validate.ts'

export interface OwnWays {
  /** What its list operation is called: `list_networks`. */
  readonly list?: string
  /** After it was made, and again whenever that attempt is repeated. */
  afterCreate?(scene: Scene, thing: Thing): Promise<void>
  /** What must go first. */
  beforeDelete?(scene: Scene, id: string): Promise<void>
  /** Also of one that is external, or was never made. */
  afterDelete?(ctx: OperationContext): Promise<void>
  /** What `args` of an update mean to the cloud. */
  change?(scene: Scene, args: JsonObject): Promise<JsonObject> | JsonObject
}

type Operations = Readonly<Record<string, PluginOperation>>

/** `name`: what stands before the operations' own names: `openstack_plugin.resources.network.port`. */
export function resourceOperations(name: string, kind: ResourceKind, ways: OwnWays = {}): Operations {
  return {
    [`${name}.create`]: operation({
      async run(ctx, inputs) {
        const scene = await sceneOf(ctx, withArgs(inputs))
        const thing = await createResource(scene, kind)
        await ways.afterCreate?.(scene, thing)
      },
    }),
    [`${name}.delete`]: operation({
      async run(ctx, inputs) {
        await deleteResource(ctx, kind, inputs, ways.beforeDelete)
        await ways.afterDelete?.(ctx)
      },
    }),
    [`${name}.creation_validation`]: operation({
      run: async (ctx, inputs) => validateCreation(await sceneOf(ctx, withArgs(inputs)), kind),
    }),
    ...(kind.change === undefined ? {} : { [`${name}.update`]: updateOperation(kind, ways) }),
    ...(ways.list === undefined ? {} : { [`${name}.${ways.list}`]: listOperation(kind) }),
  }
}

export function updateOperation(kind: ResourceKind, ways: Pick<OwnWays, 'change'> = {}): PluginOperation {
  return operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const args = argsIn(inputs, 'args')
      const change = (await ways.change?.(scene, args)) ?? args
      if (Object.keys(change).length === 0) return
      const id = recordedId(ctx) ?? scene.settings.resourceId
      if (id === undefined) throw notCreated(kind.word)
      remember(ctx, kind, await changeThing(scene.cloud, kind, { id, change }), scene.settings)
      ctx.log.info(`Changed ${Object.keys(change).join(', ')} of ${kind.word} ${id}`)
    },
  })
}

/** What it finds is its result, and stands on record as in the original: `network_list`. */
export function listOperation(kind: ResourceKind): PluginOperation {
  return operation({
    async run(ctx, inputs) {
      const { cloud } = await sceneOf(ctx, inputs)
      const found: Thing[] = []
      for await (const thing of listThings(cloud, kind, queryIn(inputs['query']))) found.push(thing)
      ctx.instance.runtimeProperties[`${kind.type}_list`] = found
      return found
    },
  })
}

/** `args` of a creation: more of what the thing is to be like. */
export function withArgs(inputs: JsonObject): JsonObject {
  const args = argsIn(inputs, 'args')
  if (Object.keys(args).length === 0) return inputs
  return { ...inputs, resource_config: { ...argsIn(inputs, 'resource_config'), ...args } }
}

export function argsIn(inputs: Readonly<Record<string, Json>>, name: string): JsonObject {
  const args = inputs[name] ?? {}
  if (!isJsonObject(args)) throw badProperty(name, 'expected a mapping')
  return args
}

function queryIn(value: Json | undefined): Query {
  const query = value ?? {}
  if (!isJsonObject(query)) throw badProperty('query', 'expected a mapping')
  return Object.fromEntries(
    Object.entries(query).map(([name, one]) => {
      if (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean') return [name, one]
      throw badProperty(`query.${name}`, 'expected a text, a number, true or false')
    }),
  )
}

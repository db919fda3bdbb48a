// What the workflows have done in the cloud, one operation each: any OpenStack node with a client_config lends its access.
import { fault } from '../../../kernel/fault.ts'
import type { Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import type { Cloud } from '../client/cloud.ts'
import { cloudOf } from '../client/shared-clouds.ts'
import { stopServer } from '../server/power.ts'
import { cloudOfNode, serverOfNode } from '../server/server-of.ts'
import type { OpenstackSettings } from '../settings.ts'
import { workOf, type VolumeWork } from '../volume/work.ts'
import { chooseCopy, expired } from './choose-copy.ts'
import { planClone, type CloneWishes } from './clone-plan.ts'
import { copiesOf } from './copies.ts'
import { findInstance, type Instance } from './instance.ts'
import { makeServer, unmakeServer, type NewServer } from './new-server.ts'
import { putBack } from './put-back.ts'
import { momentIn, startAgain, type StoppedServer } from './start-again.ts'
import { forgetRestore, isRestoreUnderWay, restoreMemory } from './restore-memory.ts'
import { deleteCopy, takeCopy, untakeCopy, untilWhole, type CopyRef, type NewCopy } from './take-copy.ts'

/** What each is given. */
export interface TaskInputs {
  find: { readonly instance: string }
  stop: { readonly id: string }
  start: StoppedServer
  take: NewCopy
  untake: NewCopy
  verify: { readonly copy: CopyRef; readonly instanceId: string }
  prune: { readonly instance: Instance; readonly pattern: string; readonly most: number }
  choose: { readonly instance: Instance; readonly pattern: string; readonly date: string }
  plan_clone: CloneWishes & { readonly sourceId: string }
  make: NewServer
  unmake: { readonly copy: CopyRef }
  put_back: { readonly instance: Instance; readonly copy: CopyRef; readonly isCancelled: boolean }
  adopt: { readonly from: string; readonly to: string }
}

export type TaskName = keyof TaskInputs

interface TaskContext {
  readonly ctx: OperationContext
  readonly cloud: Cloud
  readonly settings: OpenstackSettings
  /** The same for all attempts of one task and for who takes back what they made. */
  workFor(name: string): VolumeWork
}

type Task<Name extends TaskName> = (task: TaskContext, inputs: TaskInputs[Name]) => Promise<Json | void>

const tasks: { readonly [Name in TaskName]: Task<Name> } = {
  find: async ({ ctx, cloud }, { instance }) => (await findInstance(cloud, await serverMeant(ctx, instance))) ?? null,
  async stop({ cloud }, { id }) {
    await stopServer(cloud, id)
    return momentIn(cloud)
  },
  start: ({ cloud }, server) => startAgain(cloud, server),
  take: async ({ workFor }, wanted) => takeCopy(workFor('take'), wanted),
  untake: ({ workFor }, wanted) => untakeCopy(workFor('take'), wanted),
  verify: ({ cloud }, { copy, instanceId }) => untilWhole(cloud, copy, instanceId),
  prune,
  choose: async ({ cloud }, { instance, pattern, date }) =>
    chooseCopy(await copiesOf(cloud, instance, pattern), date, instance.name),
  plan_clone: ({ cloud }, { sourceId, ...wishes }) => planClone(cloud, sourceId, wishes),
  make: ({ workFor }, wanted) => makeServer(workFor('make'), wanted),
  unmake: ({ workFor }, { copy }) => unmakeServer(workFor('make'), copy),
  async put_back({ ctx, settings, workFor }, { instance, copy, isCancelled }) {
    if (isCancelled && !isRestoreUnderWay(ctx, instance.id)) throw fault('engine.cancelled')
    // For who cleans up: it heeds no cancel.
    const lasting = await cloudOf({ ...ctx, signal: new AbortController().signal }, settings)
    const memory = restoreMemory(ctx, instance.id)
    const result = await putBack(workFor('put_back'), instance.id, copy, { lasting, memory })
    await forgetRestore(ctx, instance.id)
    return result
  },
  async adopt({ ctx, settings }, { from, to }) {
    if (settings.resourceId !== from) return
    Object.assign(ctx.instance.runtimeProperties, { id: to }, settings.isCompact ? { external_id: to } : {})
  },
}

/** A node of the blueprint says which server by its id. */
async function serverMeant(ctx: OperationContext, instance: string): Promise<string> {
  const isNode = instance === ctx.node.id || instance === ctx.instance.id
  if (!isNode || !ctx.node.typeHierarchy.includes('cloudify.nodes.openstack.Server')) return instance
  return (await serverOfNode(ctx)).serverId
}

async function prune({ ctx, cloud }: TaskContext, { instance, pattern, most }: TaskInputs['prune']): Promise<Json> {
  const copies = await copiesOf(cloud, instance, pattern)
  const gone = expired(copies, most)
  for (const copy of gone) {
    await deleteCopy(cloud, copy)
    ctx.log.info(`Deleted '${copy.name}' (${copy.id}): the newest ${most} are kept`)
  }
  return { deleted: gone.map(({ name }) => name) }
}

function operationFor<Name extends TaskName>(name: Name): PluginOperation {
  return operation({
    async run(ctx, inputs) {
      const { cloud, settings } = await cloudOfNode(ctx)
      const workFor = (work: string): VolumeWork => ({
        ...workOf(ctx, cloud),
        key: `${ctx.execution.id}/${ctx.instance.id}/${work}`,
      })
      return tasks[name]({ ctx, cloud, settings, workFor }, inputs as unknown as TaskInputs[Name])
    },
  })
}

/** In the interface of node types: `fermata.interfaces.openstack.take`. */
export const taskInterface = 'fermata.interfaces.openstack'

/** Under the names after the plugin's: `servers.take`. */
export const taskOperations: Readonly<Record<string, PluginOperation>> = Object.fromEntries(
  (Object.keys(tasks) as TaskName[]).map((name) => [`servers.${name}`, operationFor(name)]),
)

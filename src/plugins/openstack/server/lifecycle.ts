// The life of a server: made once, seen to run, turned off and deleted by its id. One that was there before is used as it is,
// and stays.
import { seconds } from '../../../kernel/duration.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation, type AnyInputs } from '../../contract/operation.ts'
import { badProperty, missing } from '../errors.ts'
import { withArgs } from '../resource/operations.ts'
import { isOurs, recordedId, rememberAsOurs } from '../resource/record.ts'
import type { Pace } from '../../http/wait.ts'
import { madeOnce, workOf } from '../volume/work.ts'
import { describeServer } from './describe.ts'
import { dropLeftVolumes } from './left-volumes.ts'
import { bring, startServer, stopServer, untilIdle } from './power.ts'
import { forgetServer, recordServer } from './record.ts'
import { deleteServer } from './replace.ts'
import { cloudOfNode, serverNamed, serverOfNode, type NodeCloud } from './server-of.ts'
import { actOn, findServer, untilServer, type Server } from './server.ts'

const paceOf = ({ settings }: NodeCloud, name: 'start_timeout' | 'stop_timeout'): Pace => ({
  deadline: settings.options.seconds(name) ?? seconds(1800),
})

/** Resolves when it runs. */
export const create = operation({
  async run(ctx, inputs) {
    const node = await cloudOfNode(ctx, withArgs(inputs))
    const external = isOurs(ctx, node.settings) ? undefined : await externalServer(node)
    if (external !== undefined) {
      await recordServer(ctx, node, external.id)
      return ctx.log.info(`Uses the external server ${external.name} (${external.id})`)
    }
    if (node.settings.isExternal) rememberAsOurs(ctx)
    const id = await make(ctx, node)
    ctx.instance.runtimeProperties['id'] = id
    // Durable before it is waited for: one that ends in ERROR is to be deleted, too.
    await ctx.save()
    await untilServer(node.cloud, id, { wanted: ['ACTIVE'], ...paceOf(node, 'start_timeout') })
    const { name } = await recordServer(ctx, node, id)
    ctx.log.info(`Created server ${name} (${id})`)
  },
})

/** undefined: there is none, and one is to be made. */
async function externalServer({ cloud, settings }: NodeCloud): Promise<Server | undefined> {
  const { resourceId, resourceName, isCreatedIfMissing } = settings
  const wanted = resourceId ?? resourceName
  if (wanted === undefined) throw badProperty('resource_config', 'an external server needs its id or its name')
  if (resourceId !== undefined) {
    const found = await findServer(cloud, resourceId)
    if (found !== undefined || isCreatedIfMissing) return found
    throw missing('server', resourceId)
  }
  try {
    return await serverNamed(cloud, wanted)
  } catch (thrown) {
    if (isCreatedIfMissing && (thrown as { code?: string }).code === 'openstack.missing') return undefined
    throw thrown
  }
}

async function make(ctx: OperationContext, node: NodeCloud): Promise<string> {
  const { cloud } = node
  const known = recordedId(ctx)
  // An earlier attempt came as far as the record, and not to its end.
  if (known !== undefined && (await findServer(cloud, known)) !== undefined) return known
  const { name, body, microversion } = await describeServer(ctx, node)
  const made = await madeOnce<Pick<Server, 'id' | 'metadata'>>(workOf(ctx, cloud), {
    part: 'server',
    list: () => cloud.pages<Server>({ service: 'compute', path: '/servers/detail' }, 'servers'),
    metadataOf: ({ metadata }) => metadata,
    async create(mark) {
      const metadata = { ...(body.server['metadata'] as object), ...mark }
      const answer = await cloud.request<{ readonly server: { readonly id: string } }>({
        service: 'compute',
        method: 'POST',
        path: '/servers',
        body: { ...body, server: { ...body.server, metadata } },
        microversion,
      })
      ctx.log.debug(`Nova makes server ${name} (${answer.body.server.id})`)
      return { id: answer.body.server.id, metadata }
    },
  })
  return made.id
}

/** Reads its addresses, which ports and floating addresses may have brought since. */
export const configure = operation({
  async run(ctx, inputs) {
    const node = await serverOfNode(ctx, inputs)
    const { name } = await recordServer(ctx, node, node.serverId)
    if (node.settings.options.boolean('use_password') === true) {
      ctx.log.warning(`The password of server ${name} is not read: it stays with Nova, encrypted for its key pair`)
    }
  },
})

export const start = operation({
  async run(ctx, inputs) {
    const node = await serverOfNode(ctx, inputs)
    if (!isOurs(ctx, node.settings)) return ctx.log.info(`Server ${node.serverId} is external and left as it is`)
    const { name } = await startServer(node.cloud, node.serverId, paceOf(node, 'start_timeout'))
    await recordServer(ctx, node, node.serverId)
    ctx.log.info(`Started server ${name} (${node.serverId})`)
  },
})

export const stop = operation({
  async run(ctx, inputs) {
    const place = await own(ctx, inputs)
    if (place === undefined) return
    const { node, server } = place
    // It cannot be turned off, and is about to be deleted.
    if (server.status === 'ERROR') return ctx.log.warning(`Server ${server.name} is in ERROR and is not stopped`)
    await stopServer(node.cloud, server.id, paceOf(node, 'stop_timeout'))
    ctx.log.info(`Stopped server ${server.name} (${server.id})`)
  },
})

export const remove = operation({
  async run(ctx, inputs) {
    const place = await own(ctx, inputs)
    if (place !== undefined) {
      const { node, server } = place
      await deleteServer(node.cloud, server.id)
      ctx.log.info(`Deleted server ${server.name} (${server.id})`)
      await dropLeftVolumes(ctx, workOf(ctx, node.cloud))
    }
    forgetServer(ctx)
  },
})

/** undefined: there is nothing of ours. */
async function own(
  ctx: OperationContext,
  inputs: AnyInputs,
): Promise<{ readonly node: NodeCloud; readonly server: Server } | undefined> {
  const id = recordedId(ctx)
  if (id === undefined) return undefined
  const node = await cloudOfNode(ctx, inputs)
  if (!isOurs(ctx, node.settings)) {
    ctx.log.info(`Server ${id} is external and left as it is`)
    return undefined
  }
  const server = await findServer(node.cloud, id)
  return server && { node, server }
}

/** One that does not run is started; one that is broken comes out of that by a hard reboot, if at all. */
export const reboot = operation({
  async run(ctx, inputs) {
    const node = await serverOfNode(ctx, inputs)
    const { cloud, serverId, settings } = node
    const type = (settings.options.text('reboot_type') ?? 'soft').toUpperCase()
    if (type !== 'SOFT' && type !== 'HARD') throw badProperty('reboot_type', 'expected soft or hard')
    const pace = paceOf(node, 'start_timeout')
    const { status, name } = await untilIdle(cloud, serverId, pace)
    if (status === 'ACTIVE' || (status === 'ERROR' && type === 'HARD')) {
      await actOn(cloud, serverId, { reboot: { type } })
      await untilServer(cloud, serverId, { wanted: ['ACTIVE'], ...pace })
    } else {
      await bring(cloud, serverId, 'ACTIVE', pace)
    }
    ctx.log.info(`Rebooted server ${name} (${serverId})`)
  },
})

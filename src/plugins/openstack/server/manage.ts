// What people do with servers beside their life: changed, listed, and told beforehand what a new one would be refused for.
import { fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { operation } from '../../contract/operation.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { badProperty } from '../errors.ts'
import { argsIn } from '../resource/operations.ts'
import { describeServer } from './describe.ts'
import { recordServer, shownServer } from './record.ts'
import { cloudOfNode, serverNamed, serverOfNode } from './server-of.ts'
import { findServer, newestCompute, type Server } from './server.ts'

const changeable = ['name', 'description', 'accessIPv4', 'accessIPv6', 'OS-DCF:diskConfig', 'hostname']

export const update = operation({
  async run(ctx, inputs) {
    const node = await serverOfNode(ctx, inputs)
    const { cloud, serverId } = node
    const { metadata, ...change } = argsIn(inputs, 'args')
    const unknown = Object.keys(change).find((name) => !changeable.includes(name))
    if (unknown !== undefined) throw badProperty(`args.${unknown}`, `only metadata, ${changeable.join(', ')} change`)
    const path = pathOf`/servers/${serverId}`
    if (metadata !== undefined) {
      await cloud.request({ service: 'compute', method: 'POST', path: `${path}/metadata`, body: { metadata } })
    }
    if (Object.keys(change).length > 0) {
      const microversion = await cloud.bestVersion('compute', newestCompute)
      await cloud.request({ service: 'compute', method: 'PUT', path, body: { server: change }, microversion })
    }
    const { name } = await recordServer(ctx, node, serverId)
    ctx.log.info(`Changed server ${name} (${serverId})`)
  },
})

/** What it finds is its result, and stands on record as in the original. */
export const list = operation({
  async run(ctx, inputs) {
    const { cloud } = await cloudOfNode(ctx, inputs)
    const isBrief = inputs['details'] === false || inputs['details'] === 'false'
    const request = {
      service: 'compute',
      path: isBrief ? '/servers' : '/servers/detail',
      query: {
        ...queryIn(inputs['query']),
        ...(inputs['all_projects'] === true || inputs['all_projects'] === 'true' ? { all_tenants: 'true' } : {}),
      },
      microversion: await cloud.bestVersion('compute', newestCompute),
    } as const
    const found: Json[] = []
    for await (const one of cloud.pages<Server>(request, 'servers')) found.push(shownServer(one))
    ctx.instance.runtimeProperties['server_list'] = found
    return found
  },
})

function queryIn(value: Json | undefined): Readonly<Record<string, string>> {
  const query = value ?? {}
  if (!isJsonObject(query)) throw badProperty('query', 'expected a mapping')
  return Object.fromEntries(Object.entries(query).map(([name, one]) => [name, String(one as string)]))
}

/** Asks for everything that the blueprint names, and for room in the quota. */
export const validate = operation({
  async run(ctx, inputs) {
    const node = await cloudOfNode(ctx, inputs)
    const { cloud, settings } = node
    if (settings.isExternal && !settings.isCreatedIfMissing) {
      const wanted = settings.resourceId ?? settings.resourceName
      if (wanted === undefined) throw badProperty('resource_config', 'an external server needs its id or its name')
      if (settings.resourceId === undefined || (await findServer(cloud, wanted)) === undefined) {
        await serverNamed(cloud, wanted)
      }
      return
    }
    const { body } = await describeServer(ctx, node)
    await checkQuota(cloud, body.server)
  },
})

type Limits = Readonly<Record<string, number | undefined>>

const kinds = [
  ['servers', 'maxTotalInstances', 'totalInstancesUsed'],
  ['cores', 'maxTotalCores', 'totalCoresUsed'],
  ['MiB of memory', 'maxTotalRAMSize', 'totalRAMUsed'],
] as const

async function checkQuota(cloud: Cloud, server: JsonObject): Promise<void> {
  const limits = await cloud.find<{ readonly limits: { readonly absolute: Limits } }>({
    service: 'compute',
    path: '/limits',
  })
  const flavor = await cloud.find<{ readonly flavor: { readonly vcpus: number; readonly ram: number } }>({
    service: 'compute',
    path: pathOf`/flavors/${String(server['flavorRef'] as string)}`,
  })
  const absolute = limits?.limits.absolute ?? {}
  const needed = [1, flavor?.flavor.vcpus ?? 0, flavor?.flavor.ram ?? 0]
  for (const [index, [what, limitName, usedName]] of kinds.entries()) {
    const { [limitName]: limit = -1, [usedName]: used = 0 } = absolute
    const more = needed[index] ?? 0
    if (limit < 0 || used + more <= limit) continue
    const message = `it needs ${more} ${what}, and the project has used ${used} of ${limit}`
    throw fault('openstack.quota', { details: { call: 'one more server', message }, effect: 'none' })
  }
}

// Which server a node's operation works on, and in which cloud: by the id on record once that is known.
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Cloud } from '../client/cloud.ts'
import { cloudOf } from '../client/shared-clouds.ts'
import { ambiguous, missing, notCreated } from '../errors.ts'
import { settingsOf, type OpenstackSettings } from '../settings.ts'
import { serverOf, type Server } from './server.ts'

export interface NodeCloud {
  readonly cloud: Cloud
  readonly settings: OpenstackSettings
}

export interface NodeServer extends NodeCloud {
  readonly serverId: string
}

export async function cloudOfNode(ctx: OperationContext, inputs: JsonObject = {}): Promise<NodeCloud> {
  const settings = await settingsOf(ctx, inputs)
  return { cloud: await cloudOf(ctx, settings), settings }
}

/** @throws Fault `openstack.not_created`, `openstack.missing`, `openstack.ambiguous` */
export async function serverOfNode(ctx: OperationContext, inputs: JsonObject = {}): Promise<NodeServer> {
  const place = await cloudOfNode(ctx, inputs)
  const { resourceId, resourceName, isExternal } = place.settings
  if (resourceId !== undefined) return { ...place, serverId: resourceId }
  // One of our own without an id was never made, and a namesake is another server.
  if (!isExternal || resourceName === undefined) throw notCreated('server')
  return { ...place, serverId: (await serverNamed(place.cloud, resourceName)).id }
}

/** By its exact name, or else its id. @throws Fault `openstack.missing`, `openstack.ambiguous` */
export async function serverNamed(cloud: Cloud, nameOrId: string): Promise<Server> {
  const found: Server[] = []
  // Nova takes the name it is asked for as a regular expression, so it is asked for none.
  const request = { service: 'compute', path: '/servers/detail' } as const
  for await (const one of cloud.pages<Server>(request, 'servers')) if (one.name === nameOrId) found.push(one)
  if (found.length > 1)
    throw ambiguous(
      'server',
      nameOrId,
      found.map(({ id }) => id),
    )
  const [only] = found
  if (only !== undefined) return only
  if (!/^[0-9a-f-]{32,36}$/i.test(nameOrId)) throw missing('server', nameOrId)
  return serverOf(cloud, nameOrId)
}

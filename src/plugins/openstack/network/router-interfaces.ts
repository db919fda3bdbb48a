// A router's interfaces, as relationships of subnets and ports to it. Only those that we added are taken away again.
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import type { Cloud } from '../client/cloud.ts'
import { pathOf } from '../client/cloud.ts'
import { badProperty, errorState, notCreated } from '../errors.ts'
import { unlessGone } from '../resource/api.ts'
import { sceneOf } from '../resource/create.ts'
import { recordedId } from '../resource/record.ts'
import { Reader } from '../reader.ts'
import { interfaceOf, routers } from './routers.ts'

const addedInterfaces = 'added_interfaces'

type By = { readonly port: string } | { readonly subnet: string }

export const addInterface = operation({
  async run(ctx, inputs) {
    const { cloud, router, by } = await given(ctx, inputs)
    const known = added(ctx)
    if ((await interfaceOf(cloud, router, by)) === undefined) {
      // On record before the cloud is asked: whoever finds it there later knows whose it is.
      ctx.instance.runtimeProperties[addedInterfaces] = { ...known, [keyOf(by)]: true }
      await ctx.save()
      await change(cloud, router, 'add', by)
      await requireInterface(cloud, router, by, true)
      ctx.log.info(`Router ${router} has an interface in ${shown(by)}`)
    } else {
      ctx.log.info(`Router ${router} already had an interface in ${shown(by)}`)
    }
  },
})

export const removeInterface = operation({
  async run(ctx, inputs) {
    const { [keyOf(byOf(inputs))]: isOurs, ...others } = added(ctx)
    if (isOurs === true && recordedId(ctx) !== undefined) {
      const { cloud, router, by } = await given(ctx, inputs)
      if ((await interfaceOf(cloud, router, by)) !== undefined) {
        await change(cloud, router, 'remove', by).catch(unlessGone)
        await requireInterface(cloud, router, by, false)
        ctx.log.info(`Router ${router} has no interface in ${shown(by)} any more`)
      }
    }
    ctx.instance.runtimeProperties[addedInterfaces] = others
  },
})

async function given(
  ctx: OperationContext,
  inputs: JsonObject,
): Promise<{ readonly cloud: Cloud; readonly router: string; readonly by: By }> {
  const router = recordedId(ctx)
  if (router === undefined) throw notCreated(routers.word)
  const { cloud } = await sceneOf(ctx)
  return { cloud, router, by: byOf(inputs) }
}

function byOf(inputs: JsonObject): By {
  const from = new Reader(inputs)
  const [port, subnet] = [from.text('port_id'), from.text('subnet_id')]
  if (port !== undefined) return { port }
  if (subnet !== undefined) return { subnet }
  throw badProperty('subnet_id', 'the other end has no id yet')
}

async function change(cloud: Cloud, router: string, how: 'add' | 'remove', by: By): Promise<void> {
  await cloud.request({
    service: 'network',
    method: 'PUT',
    path: `${pathOf`/routers/${router}`}/${how}_router_interface`,
    body: 'port' in by ? { port_id: by.port } : { subnet_id: by.subnet },
  })
}

async function requireInterface(cloud: Cloud, router: string, by: By, isWanted: boolean): Promise<void> {
  const isThere = (await interfaceOf(cloud, router, by)) !== undefined
  if (isThere === isWanted) return
  const reason = `the cloud shows ${isThere ? 'an' : 'no'} interface in ${shown(by)} after we changed that`
  throw errorState(routers.word, router, '', reason)
}

function added({ instance }: Pick<OperationContext, 'instance'>): JsonObject {
  const known = instance.runtimeProperties[addedInterfaces]
  return known !== undefined && isJsonObject(known) ? known : {}
}

function keyOf(by: By): string {
  return 'port' in by ? by.port : by.subnet
}

function shown(by: By): string {
  return 'port' in by ? `port ${by.port}` : `subnet ${by.subnet}`
}

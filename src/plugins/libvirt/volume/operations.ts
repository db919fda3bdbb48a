// The life of a volume: made once, filled once, deleted when no running domain has it open. What was there before, and what
// is external, is never written to.
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { hasCode } from '../client/errors.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Pool, Volume } from '../client/structs.ts'
import { hypervisorOfNode } from '../domain/domain-of.ts'
import { fromTemplate } from '../domain/template.ts'
import { badProperty, badXml, inUse, missing, nameTaken } from '../errors.ts'
import { forget, nameOf, templateMark } from '../resource/identity.ts'
import { pools } from '../pool/kind.ts'
import type { LibvirtSettings } from '../settings.ts'
import { element, withChild } from '../xml/element.ts'
import { writeXml } from '../xml/write.ts'
import { checked, contentsAt } from './contents.ts'
import { describeVolume, readVolumeParams } from './describe.ts'
import { findVolume, poolIn, poolNamed, unlessGone, volumeUsers } from './volume-of.ts'

/** On record before it is made: what is there under its name from then on is ours. */
const begun = 'volume_begun'
const filled = 'volume_filled'
const mib = 1024 * 1024

interface Wanted {
  readonly hypervisor: Hypervisor
  readonly settings: LibvirtSettings
  readonly pool: Pool
  readonly name: string
}

export const volumeCreate = operation({
  async run(ctx, inputs) {
    const { hypervisor, settings } = await hypervisorOfNode(ctx, { ...inputs })
    const pool = await poolNamed(ctx, hypervisor, poolIn(settings))
    const name = settings.isExternal ? (settings.resourceId ?? nameOf(ctx, settings)) : nameOf(ctx, settings)
    const place = { hypervisor, settings, pool, name }
    const vol = settings.isExternal ? await findVolume(ctx, hypervisor, pool, name) : await make(ctx, place)
    if (vol === undefined) throw missing(hypervisor, 'volume', name)
    const known = ctx.instance.runtimeProperties
    known['libvirt_auth'] = settings.uri
    known['use_external_resource'] = settings.isExternal
    known['resource_id'] = vol.name
    known['params'] = { ...settings.params, name: vol.name, pool: vol.pool, path: vol.key }
    ctx.log.info(`${settings.isExternal ? 'Uses the external' : 'Made'} volume ${vol.name} in pool ${vol.pool}`)
  },
})

async function make(ctx: OperationContext, wanted: Wanted): Promise<Volume> {
  const { hypervisor, pool, name } = wanted
  const known = ctx.instance.runtimeProperties
  const xml = writeXml(await documentOf(ctx, wanted))
  const there = await findVolume(ctx, hypervisor, pool, name)
  if (there !== undefined && known[begun] === name) return there
  if (there !== undefined) throw nameTaken(hypervisor, 'volume', name)
  known[begun] = name
  await ctx.save()
  try {
    return (await hypervisor.call('STORAGE_VOL_CREATE_XML', { pool, xml }, { signal: ctx.signal })).vol
  } catch (thrown) {
    if (!hasCode(thrown, 'STORAGE_VOL_EXIST')) throw thrown
    delete known[begun]
    throw nameTaken(hypervisor, 'volume', name)
  }
}

async function documentOf(ctx: OperationContext, { settings, name }: Wanted) {
  const values: JsonObject = { ...settings.params, name, resource_id: name }
  const own = await fromTemplate(ctx, settings.options, values)
  if (own !== undefined && own.name !== 'volume')
    throw badXml('the template', `it describes no volume but '${own.name}'`)
  if (own !== undefined) {
    ctx.instance.runtimeProperties[templateMark] = true
    return withChild(own, element('name', {}, name))
  }
  const params = readVolumeParams(settings.params)
  if (params.capacity === undefined && params.url === undefined) throw badProperty('params.capacity', 'it is missing')
  const bytes = params.url === undefined ? undefined : (await contentsAt(ctx, name, params.url)).bytes
  const capacity = Math.max(params.capacity ?? 1, params.format === 'raw' ? Math.ceil((bytes ?? 0) / mib) : 1)
  return describeVolume(name, params, capacity)
}

export const volumeStart = operation({
  async run(ctx, inputs) {
    const own = await ownVolume(ctx, { ...inputs })
    if (own === undefined || ctx.instance.runtimeProperties[filled] === true) return
    const params = readVolumeParams(own.settings.params)
    if (!params.isWiped && params.url === undefined) return
    await refuseUsed(ctx, own)
    const { hypervisor, vol } = own
    if (params.isWiped) await hypervisor.call('STORAGE_VOL_WIPE', { vol }, { signal: ctx.signal })
    if (params.url !== undefined) {
      const { capacity } = await hypervisor.call('STORAGE_VOL_GET_INFO', { vol }, { signal: ctx.signal })
      // An image holds some bytes beside what the guest sees.
      const fits = params.format === 'raw' ? Number(capacity) : Math.ceil(Number(capacity) * 1.01) + mib
      const longest = params.longestDownload === undefined ? fits : params.longestDownload * mib
      const contents = await contentsAt(ctx, vol.name, params.url)
      const expected = { name: vol.name, sha256: params.sha256, longest }
      const bytes = await hypervisor.upload(vol, checked(contents, expected), { signal: ctx.signal })
      ctx.log.info(`Filled volume ${vol.name} with ${bytes} bytes from ${contents.shown}`)
    }
    ctx.instance.runtimeProperties[filled] = true
  },
})

/** A volume does nothing that could be stopped; what it holds stays until it is deleted. */
export const volumeStop = operation({
  async run(ctx) {
    ctx.log.debug('A volume has nothing to stop')
  },
})

export const volumeDelete = operation({
  async run(ctx, inputs) {
    const own = await ownVolume(ctx, { ...inputs })
    if (own) {
      await refuseUsed(ctx, own)
      const { hypervisor, vol } = own
      const { isWiped } = readVolumeParams(own.settings.params)
      if (isWiped) await hypervisor.call('STORAGE_VOL_WIPE', { vol }, { signal: ctx.signal }).catch(unlessGone)
      await hypervisor.call('STORAGE_VOL_DELETE', { vol }, { signal: ctx.signal }).catch(unlessGone)
      ctx.log.info(`Deleted volume ${vol.name} of pool ${vol.pool}`)
    }
    forget(ctx)
    for (const name of [begun, filled]) delete ctx.instance.runtimeProperties[name]
  },
})

/** undefined: it is external, was never made, or is gone. */
async function ownVolume(ctx: OperationContext, inputs: JsonObject) {
  const { hypervisor, settings } = await hypervisorOfNode(ctx, inputs)
  const name = ctx.instance.runtimeProperties[begun]
  if (settings.isExternal) ctx.log.info(`The volume ${settings.resourceId} is external and left as it is`)
  if (settings.isExternal || typeof name !== 'string') return undefined
  const pool = await pools.find(ctx, hypervisor, { name: poolIn(settings) })
  const vol = pool && (await findVolume(ctx, hypervisor, pool, name))
  return pool && vol && { hypervisor, settings, pool, vol }
}

async function refuseUsed(
  ctx: OperationContext,
  { hypervisor, vol }: { readonly hypervisor: Hypervisor; readonly vol: Volume },
): Promise<void> {
  const users = await volumeUsers(ctx, hypervisor, vol)
  if (users.length > 0) throw inUse('volume', vol.name, users)
}

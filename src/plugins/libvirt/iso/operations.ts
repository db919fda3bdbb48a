// lifecycle.create and delete of an ISO 9660 image: it is written to a volume, which is made when there is none, and read back.
import { createHash } from 'node:crypto'
import { fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { digestOf } from '../backup/volumes.ts'
import { hasCode } from '../client/errors.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Pool, Volume } from '../client/structs.ts'
import { hypervisorOfNode } from '../domain/domain-of.ts'
import { badProperty, inUse } from '../errors.ts'
import { Reader } from '../reader.ts'
import { pools } from '../pool/kind.ts'
import type { LibvirtSettings } from '../settings.ts'
import { writeXml } from '../xml/write.ts'
import { describeVolume } from '../volume/describe.ts'
import { findVolume, poolIn, poolNamed, unlessGone, volumeUsers } from '../volume/volume-of.ts'
import { isoImage } from './image.ts'

/** On record before the volume is made: what is there under its name from then on is ours. */
const madeVolume = 'made_volume'
const mib = 1024 * 1024

export const isoCreate = operation({
  async run(ctx, inputs) {
    const { hypervisor, settings } = await hypervisorOfNode(ctx, { ...inputs })
    const from = new Reader(settings.params, 'params')
    const label = from.text('label') ?? 'cidata'
    if (!/^[\w .-]{1,16}$/.test(label)) throw from.bad('label', 'expected at most 16 letters, digits, and _ . -')
    const image = isoImage(filesIn(settings.params['files']), { label, at: new Date(ctx.world.clock.now()) })
    const pool = await poolNamed(ctx, hypervisor, poolIn(settings))
    const vol = await volumeFor(ctx, { hypervisor, pool, settings }, image.length)
    await write(ctx, hypervisor, vol, image)
    const known = ctx.instance.runtimeProperties
    known['libvirt_auth'] = settings.uri
    known['resource_id'] = vol.name
    // Files may hold passwords; who needs them has the blueprint.
    const { files: _, ...others } = settings.params
    known['params'] = { ...others, pool: vol.pool, volume: vol.name, path: vol.key }
    ctx.log.info(`Wrote an image of ${image.length} bytes to volume ${vol.name} in pool ${vol.pool}`)
  },
})

export const isoDelete = operation({
  async run(ctx, inputs) {
    const { hypervisor, settings } = await hypervisorOfNode(ctx, { ...inputs })
    const name = ctx.instance.runtimeProperties[madeVolume]
    const pool = typeof name === 'string' ? await pools.find(ctx, hypervisor, { name: poolIn(settings) }) : undefined
    const vol = pool && typeof name === 'string' ? await findVolume(ctx, hypervisor, pool, name) : undefined
    if (vol) {
      await refuseUsed(ctx, hypervisor, vol)
      await hypervisor.call('STORAGE_VOL_DELETE', { vol }, { signal: ctx.signal }).catch(unlessGone)
      ctx.log.info(`Deleted volume ${vol.name}`)
    }
    for (const key of [madeVolume, 'resource_id', 'params']) delete ctx.instance.runtimeProperties[key]
  },
})

function filesIn(value: Json | undefined): ReadonlyMap<string, Buffer> {
  if (!isJsonObject(value) || Object.keys(value).length === 0)
    throw badProperty('params.files', 'expected a mapping, from paths in the image to what is in them')
  return new Map(
    Object.entries(value).map(([path, content]) => {
      if (typeof content !== 'string') throw badProperty(`params.files['${path}']`, 'expected a text')
      return [path, Buffer.from(content)]
    }),
  )
}

interface Place {
  readonly hypervisor: Hypervisor
  readonly pool: Pool
  readonly settings: LibvirtSettings
}

async function volumeFor(ctx: OperationContext, { hypervisor, pool, settings }: Place, bytes: number): Promise<Volume> {
  const name = new Reader(settings.params, 'params').text('volume') ?? `${ctx.instance.id}.iso`
  if (/[/\n]/.test(name)) throw badProperty('params.volume', 'it cannot hold a slash or a line break')
  const there = await findVolume(ctx, hypervisor, pool, name)
  if (there) {
    await refuseUsed(ctx, hypervisor, there)
    await requireRoom(ctx, hypervisor, there, bytes)
    return there
  }
  ctx.instance.runtimeProperties[madeVolume] = name
  await ctx.save()
  const xml = writeXml(describeVolume(name, { format: 'raw', allocation: 0 }, Math.ceil(bytes / mib)))
  try {
    return (await hypervisor.call('STORAGE_VOL_CREATE_XML', { pool, xml }, { signal: ctx.signal })).vol
  } catch (thrown) {
    // Somebody else was faster: it is theirs.
    if (hasCode(thrown, 'STORAGE_VOL_EXIST')) delete ctx.instance.runtimeProperties[madeVolume]
    throw thrown
  }
}

async function requireRoom(ctx: OperationContext, hypervisor: Hypervisor, vol: Volume, bytes: number): Promise<void> {
  const { capacity } = await hypervisor.call('STORAGE_VOL_GET_INFO', { vol }, { signal: ctx.signal })
  if (capacity >= BigInt(bytes)) return
  throw badProperty('params.volume', `the volume has ${capacity} bytes, and the image needs ${bytes}`)
}

async function write(ctx: OperationContext, hypervisor: Hypervisor, vol: Volume, image: Buffer): Promise<void> {
  await hypervisor.upload(vol, once(image), { signal: ctx.signal, length: BigInt(image.length) })
  const { sha256 } = await digestOf(ctx, { hypervisor }, vol, image.length)
  if (sha256 !== createHash('sha256').update(image).digest('hex'))
    throw fault('libvirt.wrong_contents', {
      details: {
        name: vol.name,
        url: 'the hypervisor',
        reason: 'what was read back is not the image that was written',
      },
    })
}

async function* once(content: Buffer): AsyncIterable<Uint8Array> {
  yield content
}

async function refuseUsed(ctx: OperationContext, hypervisor: Hypervisor, vol: Volume): Promise<void> {
  const users = await volumeUsers(ctx, hypervisor, vol)
  if (users.length > 0) throw inUse('volume', vol.name, users)
}

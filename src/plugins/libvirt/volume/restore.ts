// snapshot.apply and the comparison of a volume: its contents are put back, when no running domain has it open and the copy
// is whole; what cannot be put back is refused with what differs.
import { isJsonObject } from '../../../kernel/json.ts'
import type { PartComparison } from '../../contract/comparison.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { AnyInputs, Part } from '../../contract/operation.ts'
import { backupDamaged, backupFailed } from '../backup/errors.ts'
import { volumeXml } from '../backup/documents.ts'
import { closePlace, openPlace } from '../backup/place.ts'
import { digestOf, findFile, refresh } from '../backup/volumes.ts'
import { volumeFacts } from '../backup/volume-facts.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import { volumeResize } from '../client/flags.ts'
import type { Pool, Volume } from '../client/structs.ts'
import { compareDocuments, differingPaths } from '../compare/compare-documents.ts'
import { leavesOf, type Leaves } from '../compare/leaves.ts'
import { hypervisorOfNode } from '../domain/domain-of.ts'
import { differs, inUse } from '../errors.ts'
import { pools } from '../pool/kind.ts'
import { templateMark } from '../resource/identity.ts'
import { element, withChild } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { describeVolume, readVolumeParams } from './describe.ts'
import { copyFileName, volumePartIn, type VolumePart } from './part.ts'
import { problemOf } from './save.ts'
import { findVolume, poolNamed, volumeUsers } from './volume-of.ts'

/** What tells of the moment, of who has it open, or of how the same contents are laid out: a copy is in one piece. */
const passing = [
  '/volume/backingStore',
  '/volume/target/compat',
  '/volume/target/features',
  '/volume/target/clusterSize',
  '/volume/@type',
  '/volume/key',
  '/volume/source',
  '/volume/allocation',
  '/volume/physical',
  '/volume/target/timestamps',
  '/volume/target/permissions',
]

export async function applyVolume(ctx: OperationContext, inputs: AnyInputs) {
  const { hypervisor } = await hypervisorOfNode(ctx, { ...inputs })
  const part = volumePartIn(ctx.part)
  const problem = part.place === null ? null : await problemOf(ctx, hypervisor, part)
  if (problem !== null) throw backupDamaged(part.name, problem)
  const before = await comparison(ctx, hypervisor, part, undefined)
  const paths = differingPaths(before)
  const what = { kind: 'volume', name: part.volume }
  if (paths.length === 0) {
    ctx.log.info(`Volume ${part.volume} is as '${part.name}' has it`)
    return { result: 'same', differences: [] }
  }
  if (part.place === null)
    throw differs(what, { reason: 'its contents come back with its domain', paths, effect: 'none' })
  await putBack(ctx, hypervisor, part, paths)
  const left = differingPaths(await comparison(ctx, hypervisor, part, undefined))
  if (left.length > 0)
    throw differs(what, { reason: 'it was written to, and is still different', paths: left, effect: 'done' })
  ctx.log.info(`Restored volume ${part.volume} from '${part.name}'`)
  return { result: 'applied', differences: paths }
}

export async function compareVolume(ctx: OperationContext, given: Part): Promise<PartComparison> {
  const { hypervisor, settings } = await hypervisorOfNode(ctx)
  const part = volumePartIn(given)
  const isDeclared = !settings.isExternal && ctx.instance.runtimeProperties[templateMark] !== true
  const properties = isDeclared ? await ctx.evaluate(ctx.node.properties) : undefined
  const params = isJsonObject(properties) ? properties['params'] : undefined
  return comparison(ctx, hypervisor, part, isJsonObject(params) ? declared(part, readVolumeParams(params)) : undefined)
}

function declared(part: VolumePart, params: ReturnType<typeof readVolumeParams>): Leaves {
  const leaves = new Map(leavesOf(describeVolume(part.volume, params, params.capacity ?? 1), passing))
  // As large as what it was filled with.
  if (params.capacity === undefined) leaves.delete('/volume/capacity')
  return leaves
}

async function comparison(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  part: VolumePart,
  blueprint: Leaves | undefined,
): Promise<PartComparison> {
  const pool = await pools.find(ctx, hypervisor, { name: part.pool })
  const vol = pool && (await findVolume(ctx, hypervisor, pool, part.volume))
  const saved = parseXml(part.xml, `the saved volume '${part.volume}'`)
  const sha256 = part.digest ?? undefined
  const backup = leavesWith(saved, sha256)
  if (vol === undefined) return compareDocuments({ blueprint, live: undefined, backup })
  const { xml } = await hypervisor.call('STORAGE_VOL_GET_XML_DESC', { vol }, { signal: ctx.signal })
  const now = await contentsOf(ctx, hypervisor, vol, part)
  return compareDocuments({ blueprint, live: leavesWith(parseXml(xml, `the volume '${vol.name}'`), now), backup })
}

// What was not written to since the cut is what was saved, however its file is laid out.
async function contentsOf(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  vol: Volume,
  part: VolumePart,
): Promise<string | undefined> {
  if (part.digest === null) return undefined
  const { writtenAt } = await volumeFacts(ctx, hypervisor, vol)
  if (writtenAt !== '' && writtenAt === part.written) return part.digest
  const { sha256 } = await digestOf(ctx, { hypervisor }, vol, part.bytes ?? 0)
  return sha256
}

function leavesWith(document: ReturnType<typeof parseXml>, sha256: string | undefined): Leaves {
  const whole = sha256 === undefined ? document : withChild(document, element('sha256', {}, sha256))
  return leavesOf(whole, passing)
}

async function putBack(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  part: VolumePart,
  paths: readonly string[],
): Promise<void> {
  const pool = await poolNamed(ctx, hypervisor, part.pool)
  const vol = await findVolume(ctx, hypervisor, pool, part.volume)
  const users = vol === undefined ? [] : await volumeUsers(ctx, hypervisor, vol)
  if (users.length > 0) throw inUse('volume', part.volume, users)
  const place = part.place && (await openPlace(ctx, hypervisor, { place: part.place, name: part.name }))
  if (!place) throw backupDamaged(part.name, 'its place is gone')
  try {
    await refresh(ctx, place)
    const copy = await findFile(ctx, place, copyFileName(part.format))
    if (copy === undefined) throw backupDamaged(part.name, 'its copy is gone')
    if (vol === undefined) await makeAnew(ctx, { hypervisor, pool, copy, part })
    else await overwrite(ctx, { hypervisor, vol, copy, part, paths })
  } finally {
    await closePlace(ctx, place)
  }
}

interface Anew {
  readonly hypervisor: Hypervisor
  readonly pool: Pool
  readonly copy: Volume
  readonly part: VolumePart
}

async function makeAnew(ctx: OperationContext, { hypervisor, pool, copy, part }: Anew): Promise<void> {
  const xml = volumeXml({ name: part.volume, bytes: BigInt(part.capacity), format: part.format })
  await hypervisor.call('STORAGE_VOL_CREATE_XML_FROM', { pool, xml, clonevol: copy }, { signal: ctx.signal })
}

interface Overwrite {
  readonly hypervisor: Hypervisor
  readonly vol: Volume
  readonly copy: Volume
  readonly part: VolumePart
  readonly paths: readonly string[]
}

async function overwrite(ctx: OperationContext, { hypervisor, vol, copy, part, paths }: Overwrite): Promise<void> {
  const { format, capacity } = await volumeFacts(ctx, hypervisor, vol)
  const what = { kind: 'volume', name: part.volume }
  if (format !== part.format)
    throw differs(what, { reason: `it is ${format} now, and was ${part.format}`, paths, effect: 'none' })
  // The image brings its size along; of a raw volume the size is that of the file.
  if (format === 'raw' && capacity !== BigInt(part.capacity)) {
    const flags = capacity > BigInt(part.capacity) ? volumeResize.shrink : 0
    await hypervisor.call('STORAGE_VOL_RESIZE', { vol, capacity: BigInt(part.capacity), flags }, { signal: ctx.signal })
  }
  const length = BigInt(part.bytes ?? 0)
  const written = await hypervisor.upload(vol, hypervisor.download(copy, { signal: ctx.signal }), { ...ctx, length })
  if (written !== part.bytes) throw backupFailed(part.volume, `${written} of ${part.bytes} bytes were written`)
}

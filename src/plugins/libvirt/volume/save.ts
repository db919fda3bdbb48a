// snapshot.create of a volume: a copy of its contents, made by libvirt's storage, while no running domain has it open. One
// that a domain runs with is saved with that domain, and the part says so.
import type { OperationContext } from '../../contract/context.ts'
import type { AnyInputs, PartCheck, Receipt } from '../../contract/operation.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { backupDamaged, backupFailed } from '../backup/errors.ts'
import { backupName } from '../backup/names.ts'
import type { BackupPlace } from '../backup/part.ts'
import { closePlace, openPlace, removePlace, type Place } from '../backup/place.ts'
import {
  copyFile,
  digestOf,
  findFile,
  readFile,
  refresh,
  removeFile,
  removeFiles,
  writeFile,
} from '../backup/volumes.ts'
import { volumeFacts } from '../backup/volume-facts.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import { hypervisorOfNode } from '../domain/domain-of.ts'
import type { LibvirtSettings } from '../settings.ts'
import {
  copyFileName,
  listFile,
  volumeKind,
  volumePartIn,
  volumeReceiptIn,
  type VolumePart,
  type VolumeReceipt,
} from './part.ts'
import { findVolume, poolIn, poolNamed, volumeOf, volumeUsers } from './volume-of.ts'

export async function cutVolume(ctx: OperationContext, inputs: AnyInputs): Promise<VolumeReceipt> {
  const { hypervisor, vol, settings } = await volumeOf(ctx, { ...inputs })
  const [facts, { xml }, users] = await Promise.all([
    volumeFacts(ctx, hypervisor, vol),
    hypervisor.call('STORAGE_VOL_GET_XML_DESC', { vol }, { signal: ctx.signal }),
    volumeUsers(ctx, hypervisor, vol),
  ])
  const name = backupName(ctx, vol.name, settings.options.required('snapshot_name', settings.options.text), 'volume')
  const isCovered = users.length > 0
  if (isCovered)
    ctx.log.warning(`Volume ${vol.name} is open in ${users.join(', ')}: its contents are saved with that, not here`)
  return {
    kind: volumeKind,
    providerId: `${vol.pool}/${name}`,
    name,
    pool: vol.pool,
    volume: vol.name,
    key: vol.key,
    xml,
    format: facts.format,
    capacity: String(facts.capacity),
    written: facts.writtenAt,
    place: isCovered ? null : placeFor(settings, inputs),
    coveredBy: users,
    // Its document alone, to which nobody writes.
    ...(isCovered ? { consistency: 'application' as const } : {}),
  }
}

/** A snapshot lies beside the volume; so does a backup that has no other place. */
function placeFor(settings: LibvirtSettings, inputs: AnyInputs): BackupPlace {
  const own = { pool: poolIn(settings) }
  if (inputs['snapshot_incremental'] === true) return own
  const pool = settings.options.text('backup_pool')
  if (pool !== undefined) return { pool }
  return settings.backupDir.startsWith('/') ? { directory: settings.backupDir } : own
}

export async function settleVolume(ctx: OperationContext, given: Receipt): Promise<VolumePart> {
  const receipt = volumeReceiptIn(given)
  if (receipt === undefined) throw backupDamaged(given.providerId, 'it is no volume')
  if (receipt.place === null) return { ...receipt, bytes: null, digest: null }
  const { hypervisor } = await hypervisorOfNode(ctx)
  const place = await openPlace(ctx, hypervisor, { place: receipt.place, name: receipt.name, make: true })
  if (place === undefined) throw backupFailed(receipt.volume, 'there is no pool for it')
  try {
    await refresh(ctx, place)
    const copy = (await finishedCopy(ctx, place)) ?? (await makeCopy(ctx, place, receipt))
    ctx.log.info(`Saved volume ${receipt.volume}, ${copy.bytes} bytes, as '${receipt.name}'`)
    return { ...receipt, ...copy }
  } finally {
    await closePlace(ctx, place)
  }
}

type Copy = Pick<VolumePart, 'bytes' | 'digest'>

// The list is written last: an earlier life of ours came that far.
async function finishedCopy(ctx: OperationContext, place: Place): Promise<Copy | undefined> {
  const vol = await findFile(ctx, place, listFile)
  if (vol === undefined) return undefined
  const list = parsed(await readFile(ctx, place, vol))
  if (!isJsonObject(list) || list['operation'] !== ctx.operation.key) return undefined
  const { bytes, sha256 } = list
  return typeof bytes === 'number' && typeof sha256 === 'string' ? { bytes, digest: sha256 } : undefined
}

function parsed(content: Buffer): Json {
  try {
    return JSON.parse(content.toString('utf8')) as Json
  } catch {
    return null
  }
}

async function makeCopy(ctx: OperationContext, place: Place, receipt: VolumeReceipt): Promise<Copy> {
  const { hypervisor } = place
  const pool = await poolNamed(ctx, hypervisor, receipt.pool)
  const vol = await findVolume(ctx, hypervisor, pool, receipt.volume)
  if (vol === undefined) throw backupFailed(receipt.volume, 'the volume is gone')
  const file = copyFileName(receipt.format)
  await removeFile(ctx, place, file)
  const wanted = { name: file, bytes: BigInt(receipt.capacity), format: receipt.format }
  const copy = await copyFile(ctx, place, wanted, vol)
  const { writtenAt } = await volumeFacts(ctx, hypervisor, vol)
  const users = await volumeUsers(ctx, hypervisor, vol)
  if (writtenAt !== receipt.written || users.length > 0) {
    await removeFile(ctx, place, file)
    if (!(await removePlace(ctx, place))) ctx.log.debug(`'${place.path}' is left for what else is in it`)
    const reason = users.length > 0 ? `it was opened by ${users.join(', ')}` : 'it was written to'
    throw backupFailed(receipt.volume, `${reason} while it was copied`)
  }
  const { bytes, sha256 } = await digestOf(ctx, place, copy)
  const list = { format: 1, operation: ctx.operation.key, name: receipt.name, file, bytes, sha256, xml: receipt.xml }
  await writeFile(ctx, place, listFile, Buffer.from(`${JSON.stringify(list, null, 2)}\n`))
  return { bytes, digest: sha256 }
}

export async function verifyVolume(ctx: OperationContext, given: Json): Promise<PartCheck> {
  const part = volumePartIn(given)
  if (part.place === null) return { isUsable: true, isMissing: false, reason: null }
  const { hypervisor } = await hypervisorOfNode(ctx)
  const reason = await problemOf(ctx, hypervisor, part)
  return { isUsable: reason === null, isMissing: reason === gone, reason }
}

const gone = 'its copy is gone'

/** null: it is there, byte by byte. */
export async function problemOf(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  part: VolumePart,
): Promise<string | null> {
  if (part.place === null) return 'its contents were saved with a domain'
  const place = await openPlace(ctx, hypervisor, { place: part.place, name: part.name })
  if (place === undefined) return gone
  try {
    await refresh(ctx, place)
    const copy = await findFile(ctx, place, copyFileName(part.format))
    if (copy === undefined) return gone
    const { bytes, sha256 } = await digestOf(ctx, place, copy)
    return bytes === part.bytes && sha256 === part.digest ? null : 'its copy has changed'
  } finally {
    await closePlace(ctx, place)
  }
}

export async function deleteVolumeBackup(ctx: OperationContext, inputs: AnyInputs): Promise<void> {
  const { hypervisor, settings } = await hypervisorOfNode(ctx, { ...inputs })
  const known = volumeReceiptIn(ctx.part)
  const { options, resourceId } = settings
  const wanted = known ?? {
    name: backupName(ctx, resourceId ?? '', options.required('snapshot_name', options.text), 'volume'),
    place: placeFor(settings, inputs),
  }
  if (wanted.place === null) return ctx.log.info(`The contents of '${wanted.name}' go with its domain's backup`)
  const place = await openPlace(ctx, hypervisor, { place: wanted.place, name: wanted.name })
  if (place === undefined) return ctx.log.info(`Nothing of '${wanted.name}' is left to delete`)
  const copies = known ? [copyFileName(known.format)] : ['raw', 'qcow2'].map(copyFileName)
  await removeFiles(ctx, place, [...copies, listFile, `${listFile}.new`])
  if (!(await removePlace(ctx, place)))
    ctx.log.warning(`Something that is not of this backup is left in '${place.path}', and stays there`)
  ctx.log.info(`Deleted '${wanted.name}'`)
}

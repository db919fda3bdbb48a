// Makes the disks of a restore: new files beside the old ones, complete and on disk before anything uses them.
import { basename, dirname } from 'node:path/posix'
import type { OperationContext } from '../../contract/context.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { DomainDisk } from './disks.ts'
import { backupDamaged, restoreRefused } from './errors.ts'
import { nvramFile } from './names.ts'
import type { BackupPart } from './part.ts'
import { closePlace, folderPlace, namedPool, openPlace, type Place } from './place.ts'
import type { Restored, RestoredDisk } from './restored-domain.ts'
import { copyFile, findFile, readFile, refresh, removeFile, writeFile } from './volumes.ts'
import { volumeFacts } from './volume-facts.ts'

/** One file to be made. */
interface Target {
  readonly where: { readonly folder: string } | { readonly pool: string }
  readonly file: string
}

export interface PlannedDisk extends Target {
  readonly target: string
  readonly format: string
  /** In the backup. */
  readonly saved: string
}

export interface PlannedRestore {
  readonly disks: readonly PlannedDisk[]
  readonly nvram: { readonly folder: string; readonly file: string } | undefined
}

export interface Naming {
  /** Part of each new file's name: what this operation makes, and nobody else. */
  readonly mark: string
  /** Instead of the folders in which the old ones lie. */
  readonly folder: string | undefined
  /** What new files are called after; undefined: as the old ones. */
  readonly domain: string | undefined
}

/** Decides where each disk goes, and does nothing. @throws Fault `libvirt.restore_refused` */
export function planRestore(
  part: BackupPart,
  disks: readonly DomainDisk[],
  nvramPath: string | undefined,
  naming: Naming,
): PlannedRestore {
  const planned = part.disks.map(({ target, file: saved, format: old }): PlannedDisk => {
    const disk = disks.find((one) => one.target === target)
    if (disk === undefined) throw backupDamaged(part.name, `its domain.xml has no disk ${target}`)
    const format = old === 'raw' ? 'raw' : 'qcow2'
    const { folder, domain } = naming
    const name = (from: string): string =>
      fresh(domain === undefined ? from : `${domain}-${target}${ending(format)}`, naming)
    if (folder !== undefined)
      return { target, format, saved, where: { folder }, file: name(`${part.domain.name}-${target}${ending(format)}`) }
    if (disk.volume !== undefined)
      return { target, format, saved, where: { pool: disk.volume.pool }, file: name(disk.volume.name) }
    if (disk.kind === 'file' && disk.path !== undefined)
      return { target, format, saved, where: { folder: dirname(disk.path) }, file: name(basename(disk.path)) }
    throw restoreRefused(
      part.domain.name,
      `disk ${target} is of kind ${disk.kind}, and no new one can be made beside it; name a folder for it as restore_dir`,
    )
  })
  const hasNvram = part.files.some(({ name }) => name === nvramFile) && nvramPath !== undefined
  const file = fresh(naming.domain === undefined ? basename(nvramPath ?? '') : `${naming.domain}_VARS.fd`, naming)
  return { disks: planned, nvram: hasNvram ? { folder: dirname(nvramPath), file } : undefined }
}

/** Makes all of them; when one fails, those that were made are removed again. */
export async function makeDisks(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  part: BackupPart,
  plan: PlannedRestore,
): Promise<void> {
  const from = await openPlace(ctx, hypervisor, part)
  if (from === undefined) throw backupDamaged(part.name, 'its folder or pool is gone')
  try {
    await refresh(ctx, from)
    for (const disk of plan.disks) await makeDisk(ctx, from, part, disk)
    if (plan.nvram) await makeNvram(ctx, from, part, plan.nvram)
  } catch (thrown) {
    await removeDisks(ctx, hypervisor, plan).catch(() => {})
    throw thrown
  } finally {
    await closePlace(ctx, from)
  }
}

export async function removeDisks(ctx: OperationContext, hypervisor: Hypervisor, plan: PlannedRestore): Promise<void> {
  // Also when the operation is being cancelled.
  const scene = { ...ctx, signal: new AbortController().signal }
  const nvram = plan.nvram ? [{ where: { folder: plan.nvram.folder }, file: plan.nvram.file }] : []
  for (const target of [...plan.disks, ...nvram])
    await inPlace(scene, hypervisor, target.where, async (place) => {
      await refresh(scene, place)
      await removeFile(scene, place, `${target.file}.new`)
      await removeFile(scene, place, target.file)
    })
}

/** What a definition says of them; what is gone is gone. */
export async function removeSources(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  sources: readonly RestoredDisk['source'][],
): Promise<void> {
  for (const source of sources) {
    const [where, file] =
      'file' in source
        ? [{ folder: dirname(source.file) }, basename(source.file)]
        : [{ pool: source.pool }, source.volume]
    await inPlace(ctx, hypervisor, where, async (place) => {
      await refresh(ctx, place)
      await removeFile(ctx, place, file)
    })
  }
}

/** What the definition will say of them. */
export function restoredBy({ disks, nvram }: PlannedRestore): Restored {
  return {
    disks: disks.map(({ target, format, where, file }) => ({
      target,
      format,
      source: 'pool' in where ? { pool: where.pool, volume: file } : { file: `${where.folder}/${file}` },
    })),
    nvram: nvram && `${nvram.folder}/${nvram.file}`,
  }
}

async function makeDisk(
  ctx: OperationContext,
  from: Place,
  part: BackupPart,
  { target, format, saved, where, file }: PlannedDisk,
): Promise<void> {
  const { hypervisor } = from
  const original = await findFile(ctx, from, saved)
  if (original === undefined) throw backupDamaged(part.name, `'${saved}' is gone`)
  const { capacity } = await volumeFacts(ctx, hypervisor, original)
  await inPlace(ctx, hypervisor, where, async (place) => {
    if (!place.holdsFiles)
      throw restoreRefused(part.domain.name, `the pool of disk ${target} holds no files; name a folder as restore_dir`)
    // What an earlier attempt has left may be half a disk.
    await removeFile(ctx, place, file)
    await copyFile(ctx, place, { name: file, bytes: capacity, format }, original)
  })
  ctx.log.debug(`Disk ${target} is restored as '${file}'`)
}

async function makeNvram(
  ctx: OperationContext,
  from: Place,
  part: BackupPart,
  { folder, file }: NonNullable<PlannedRestore['nvram']>,
): Promise<void> {
  const original = await findFile(ctx, from, nvramFile)
  if (original === undefined) throw backupDamaged(part.name, `'${nvramFile}' is gone`)
  const content = await readFile(ctx, from, original)
  await inPlace(ctx, from.hypervisor, { folder }, async (place) => void (await writeFile(ctx, place, file, content)))
}

async function inPlace(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  where: Target['where'],
  use: (place: Place) => Promise<void>,
): Promise<void> {
  const place =
    'pool' in where
      ? await namedPool(ctx, hypervisor, where.pool, '')
      : await folderPlace(ctx, hypervisor, where.folder)
  const text = 'pool' in where ? `the pool '${where.pool}'` : `the folder '${where.folder}'`
  if (place === undefined) throw restoreRefused('', `${text} is not there`)
  try {
    await use(place)
  } finally {
    await closePlace({ signal: new AbortController().signal }, place)
  }
}

const ending = (format: string): string => (format === 'raw' ? '.img' : '.qcow2')

// vm.qcow2 becomes vm-r1a2b3c4d.qcow2, and with the next restore vm-r5e6f7a8b.qcow2.
function fresh(name: string, { mark }: Naming): string {
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  return `${stem.replace(/-r[0-9a-f]{8}$/, '')}-r${mark}${extension}`
}

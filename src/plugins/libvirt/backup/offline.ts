// Backups of a domain that is off: its disks are copied by libvirt's storage, which flattens and converts on the way.
import type { OperationContext } from '../../contract/context.ts'
import { domainStateNumbers } from '../client/codes.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Domain, Volume } from '../client/structs.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import type { DomainDisk } from './disks.ts'
import { backupFailed, backupRefused } from './errors.ts'
import { diskFile } from './names.ts'
import type { BackupReceipt } from './part.ts'
import { closePlace, foundIn, namedPool, volumeAt, type Place, type PlacedVolume } from './place.ts'
import { readDisks } from './read-disks.ts'
import { copyFile, findFile, refresh, removeFile } from './volumes.ts'
import { volumeFacts } from './volume-facts.ts'

/** Target -> when its file was last written to. */
export async function lastWritten(
  ctx: OperationContext,
  { hypervisor, dom }: Pick<NodeDomain, 'hypervisor' | 'dom'>,
  disks: readonly DomainDisk[],
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for (const disk of disks)
    found[disk.target] = await withVolume(ctx, { hypervisor, dom, disk }, async (vol) => {
      const { format, writtenAt } = await volumeFacts(ctx, hypervisor, vol)
      // What a guest writes to the beginning of a raw disk must not decide what is copied.
      if (format !== disk.format)
        throw backupRefused(dom.name, `disk ${disk.target} looks like ${format}, and is ${disk.format} to the domain`)
      return writtenAt
    })
  return found
}

/** Resolves when all are copied, and were not written to since the cut. @throws Fault `libvirt.backup_failed` */
export async function copyDisks(
  ctx: OperationContext,
  { hypervisor, dom, place }: { readonly hypervisor: Hypervisor; readonly dom: Domain; readonly place: Place },
  receipt: BackupReceipt,
): Promise<void> {
  const disks = await readDisks(ctx, { hypervisor, dom })
  const wanted = disks.filter(({ target }) => receipt.disks.some((disk) => disk.target === target))
  for (const disk of wanted) {
    await requireOff(ctx, hypervisor, dom)
    await removeFile(ctx, place, diskFile(disk.target))
    await withVolume(ctx, { hypervisor, dom, disk }, async (vol) => {
      const { capacity } = await volumeFacts(ctx, hypervisor, vol)
      await copyFile(ctx, place, { name: diskFile(disk.target), bytes: capacity, format: 'qcow2' }, vol)
    })
  }
  await requireOff(ctx, hypervisor, dom)
  const now = await lastWritten(ctx, { hypervisor, dom }, wanted)
  for (const { target } of receipt.disks)
    if (now[target] !== receipt.written[target])
      throw backupFailed(dom.name, `disk ${target} was written to while it was copied`)
}

async function requireOff(ctx: OperationContext, hypervisor: Hypervisor, dom: Domain): Promise<void> {
  const { state } = await hypervisor.call('DOMAIN_GET_STATE', { dom }, ctx)
  if (state !== domainStateNumbers.shutOff && state !== domainStateNumbers.crashed)
    throw backupFailed(dom.name, 'it was started while its disks were copied')
}

interface Wanted {
  readonly hypervisor: Hypervisor
  readonly dom: Domain
  readonly disk: DomainDisk
}

async function withVolume<Value>(
  ctx: OperationContext,
  { hypervisor, dom, disk }: Wanted,
  use: (vol: Volume) => Promise<Value>,
): Promise<Value> {
  const { kind, path, volume, target } = disk
  const found =
    volume !== undefined
      ? await volumeIn(ctx, hypervisor, volume)
      : kind === 'file' && path !== undefined
        ? await volumeAt(ctx, hypervisor, path)
        : undefined
  if (found === undefined)
    throw backupRefused(dom.name, `disk ${target} of kind ${kind} cannot be read while the domain is off`)
  try {
    return await use(found.vol)
  } finally {
    await closePlace(ctx, found.place)
  }
}

async function volumeIn(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  { pool, name }: { readonly pool: string; readonly name: string },
): Promise<PlacedVolume | undefined> {
  const place = await namedPool(ctx, hypervisor, pool, '')
  if (place === undefined) return undefined
  return foundIn(ctx, place, async () => {
    // Times and kinds are as old as the pool's last look.
    await refresh(ctx, place)
    return findFile(ctx, place, name)
  })
}

// Whether a backup and all that it rests on are there as they were saved, in the right order. Asked before a restore
// touches anything.
import { createHash } from 'node:crypto'
import type { OperationContext } from '../../contract/context.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import { backupDamaged } from './errors.ts'
import { readManifest } from './manifest.ts'
import { manifestFile } from './names.ts'
import type { Ancestor, BackupPart } from './part.ts'
import { closePlace, openPlace } from './place.ts'
import { findFile, readFile } from './volumes.ts'
import { checkBackup } from './verify.ts'

/** @throws Fault `libvirt.backup_damaged` naming the first that is not as it was saved */
export async function requireChain(ctx: OperationContext, hypervisor: Hypervisor, part: BackupPart): Promise<void> {
  await requireWhole(ctx, hypervisor, part)
  for (const [index, ancestor] of part.ancestors.entries()) {
    const found = await ancestorPart(ctx, hypervisor, part, ancestor)
    const further = part.ancestors.slice(index + 1).map(({ name }) => name)
    if (found.ancestors.map(({ name }) => name).join() !== further.join())
      throw backupDamaged(part.name, `'${ancestor.name}' rests on other backups than it should`)
    await requireWhole(ctx, hypervisor, found)
  }
}

async function requireWhole(ctx: OperationContext, hypervisor: Hypervisor, part: BackupPart): Promise<void> {
  const { isUsable, reason } = await checkBackup(ctx, hypervisor, part)
  if (!isUsable) throw backupDamaged(part.name, reason ?? 'it cannot be used')
}

// Its manifest stands in for what the catalog recorded: the digest of that is on record with every child.
async function ancestorPart(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  part: BackupPart,
  { name, digest }: Ancestor,
): Promise<BackupPart> {
  const gone = (): Error => backupDamaged(part.name, `'${name}', on which it rests, is gone`)
  const place = await openPlace(ctx, hypervisor, { place: part.place, name })
  if (place === undefined) throw gone()
  try {
    const vol = await findFile(ctx, place, manifestFile)
    if (vol === undefined) throw gone()
    const content = await readFile(ctx, place, vol)
    const sha256 = createHash('sha256').update(content).digest('hex')
    const manifest = sha256 === digest ? readManifest(content) : undefined
    if (manifest === undefined) throw backupDamaged(name, 'its manifest is not what was written')
    const own = { name: manifestFile, bytes: content.length, sha256 }
    return { ...manifest, place: part.place, manifest: own, digest, bytes: content.length } as unknown as BackupPart
  } finally {
    await closePlace(ctx, place)
  }
}

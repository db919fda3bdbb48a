// Reads a backup back, byte by byte, and compares it with what the catalog recorded. Nothing is changed.
import type { OperationContext } from '../../contract/context.ts'
import type { PartCheck } from '../../contract/operation.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import { backingOf } from './link.ts'
import { manifestFile } from './names.ts'
import type { BackupPart } from './part.ts'
import { closePlace, openPlace, type Place } from './place.ts'
import { backingName } from './settle.ts'
import { digestOf, findFile, readFile, refresh } from './volumes.ts'

const filesAtOnce = 2

export async function checkBackup(ctx: OperationContext, hypervisor: Hypervisor, part: BackupPart): Promise<PartCheck> {
  const missing = (reason: string): PartCheck => ({ isUsable: false, isMissing: true, reason })
  const place = await openPlace(ctx, hypervisor, part)
  if (place === undefined) return missing(`there is no folder or pool of '${part.name}' any more`)
  try {
    await refresh(ctx, place)
    const problems = await problemsIn(ctx, place, part)
    if (problems.length === 0) return { isUsable: true, isMissing: false, reason: null }
    const isGone = problems.every(({ isMissing }) => isMissing) && problems.length > part.files.length
    return { isUsable: false, isMissing: isGone, reason: problems[0]?.reason ?? null }
  } finally {
    await closePlace(ctx, place)
  }
}

interface Problem {
  readonly isMissing: boolean
  readonly reason: string
}

async function problemsIn(ctx: OperationContext, place: Place, part: BackupPart): Promise<readonly Problem[]> {
  const left = [{ ...part.manifest, name: manifestFile }, ...part.files]
  const found: Problem[] = []
  const worker = async (): Promise<void> => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      const reason = await problemOf(ctx, place, part, file)
      if (reason !== null) found.push(reason)
    }
  }
  await Promise.all(Array.from({ length: filesAtOnce }, worker))
  return found
}

async function problemOf(
  ctx: OperationContext,
  place: Place,
  part: BackupPart,
  { name, bytes, sha256 }: BackupPart['manifest'],
): Promise<Problem | null> {
  const damaged = (reason: string): Problem => ({ isMissing: false, reason: `'${name}' ${reason}` })
  const vol = await findFile(ctx, place, name)
  if (vol === undefined) return { isMissing: true, reason: `'${name}' is gone` }
  const read = await digestOf(ctx, place, vol)
  if (read.bytes !== bytes) return damaged(`has ${read.bytes} bytes, not ${bytes}`)
  if (read.sha256 !== sha256) return damaged('is not what was saved')
  const disk = part.disks.find(({ file }) => file === name)
  if (disk?.mode !== 'incremental') return null
  const backing = backingOf(await readFile(ctx, place, vol, 65_536n))
  return backing === backingName(part, name) ? null : damaged('rests on another image than it should')
}

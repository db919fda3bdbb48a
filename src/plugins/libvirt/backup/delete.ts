// Deletes a backup: what the catalog recorded of it, or, while a cut is taken back, what its operation's key leads to.
import type { OperationContext } from '../../contract/context.ts'
import type { AnyInputs } from '../../contract/operation.ts'
import { findDomain, hypervisorOfNode, knownUuid } from '../domain/domain-of.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Domain } from '../client/structs.ts'
import { removeFromChain } from './chain.ts'
import { backupName, diskFile, documentFiles } from './names.ts'
import { placeOf } from './options.ts'
import { receiptIn, type BackupPlace } from './part.ts'
import { openPlace } from './place.ts'
import { readDisks } from './read-disks.ts'
import { filesOf } from './settle.ts'
import { takeAllBack } from './take-back.ts'

interface Wanted {
  readonly name: string
  readonly place: BackupPlace
  readonly files: readonly string[]
}

export async function deleteBackup(ctx: OperationContext, inputs: AnyInputs): Promise<void> {
  const { hypervisor, settings } = await hypervisorOfNode(ctx, { ...inputs })
  const recorded = receiptIn(ctx.part)
  const uuid = recorded?.domain.uuid ?? knownUuid(ctx)
  const named = settings.resourceId
  const isKnown = uuid !== undefined || named !== undefined
  const dom = isKnown ? await findDomain(ctx, hypervisor, { uuid, name: named }) : undefined
  const wanted: Wanted = recorded
    ? { name: recorded.name, place: recorded.place, files: filesOf(recorded) }
    : {
        name: backupName(
          ctx,
          dom?.name ?? named ?? '',
          settings.options.required('snapshot_name', settings.options.text),
        ),
        place: placeOf(settings),
        files: await filesOfDomain(ctx, hypervisor, dom),
      }
  const { name } = wanted
  const place = await openPlace(ctx, hypervisor, wanted)
  const isSettled = recorded !== undefined && 'digest' in recorded
  await takeAllBack(ctx, { hypervisor, dom, place, name, files: wanted.files, isSettled })
  if (recorded !== undefined) removeFromChain(ctx, recorded.providerId)
  ctx.log.info(place === undefined ? `Nothing of '${name}' is left to delete` : `Deleted '${name}'`)
}

async function filesOfDomain(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  dom: Domain | undefined,
): Promise<readonly string[]> {
  if (dom === undefined) return documentFiles
  const disks = await readDisks(ctx, { hypervisor, dom })
  return [...disks.map(({ target }) => diskFile(target)), ...documentFiles]
}

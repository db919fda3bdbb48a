// What a freeze does ahead for the snapshot that comes in it, and what is done about it after the thaw.
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { instanceIdentity } from '../../ssh/deadman/handle.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import { readDomain, type DomainReading } from './reading.ts'
import { readyLayers, tidyLayers } from './ready-layers.ts'
import { decideMode, wantedMode } from './snapshot-mode.ts'
import { snapshotNameOf } from './snapshot-name.ts'

interface AheadOfCut {
  readonly reading: DomainReading
  /** Target -> a layer that lies ready. */
  readonly layers: ReadonlyMap<string, string> | undefined
  areUsed: boolean
}

const kept = new Map<string, AheadOfCut>()

/** Before the freeze. What cannot be had is the cut's to complain of. */
export async function readAhead(ctx: OperationContext, found: NodeDomain, inputs: JsonObject): Promise<void> {
  kept.delete(instanceIdentity(ctx))
  if (inputs['snapshot_incremental'] !== true || ctx.bracket?.purpose !== 'save') return
  const reading = await readDomain(ctx, found).catch(() => undefined)
  if (!reading) return
  const given = found.settings.options.text('snapshot_name')
  const disks = reading.disks.filter(({ isSaved }) => isSaved)
  const { hasFirmwareFile } = reading
  const decision = decideMode({ wanted: wantedMode(found.settings), disks, hasFirmwareFile, isFrozen: true })
  const isOutside = 'mode' in decision && decision.mode === 'external'
  const name = snapshotNameOf(ctx.instance.id, given ?? '')
  const layers = isOutside && given !== undefined ? await readyLayers(ctx, found, { name, disks }) : undefined
  kept.set(instanceIdentity(ctx), { reading, layers, areUsed: false })
}

export function keptAhead(ctx: OperationContext, { dom }: NodeDomain): AheadOfCut | undefined {
  const ahead = kept.get(instanceIdentity(ctx))
  return ahead?.reading.uuid === dom.uuid ? ahead : undefined
}

/** After the thaw: the domain may have changed by the next one. */
export async function endAhead(ctx: OperationContext, found: NodeDomain | undefined): Promise<void> {
  const areUsed = kept.get(instanceIdentity(ctx))?.areUsed ?? false
  kept.delete(instanceIdentity(ctx))
  if (!found) return
  await tidyLayers(ctx, found, areUsed).catch((thrown: unknown) => {
    ctx.log.warning(`Layers that were made ready for a snapshot of ${found.dom.name} may be left: ${String(thrown)}`)
  })
}

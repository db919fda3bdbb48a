// The chain of a node's incremental backups, kept with the instance: what the next one can be made against. It holds
// only what settled, and what is deleted leaves it, so its end is always a part that the catalog has or is about to have.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { BackupPart, BackupPlace } from './part.ts'

const property = 'backup_chain_state'

export interface ChainLink {
  readonly [key: string]: Json
  readonly providerId: string
  readonly name: string
  readonly digest: string
  readonly checkpoint: string
  /** Disks whose changes since then are known. */
  readonly targets: readonly string[]
  readonly place: string
}

type Holder = Pick<OperationContext, 'instance'>

/** The full one first. */
export function chainOf({ instance }: Holder): readonly ChainLink[] {
  const value = instance.runtimeProperties[property]
  if (!isJsonObject(value) || !Array.isArray(value['links'])) return []
  return value['links'] as unknown as readonly ChainLink[]
}

/** What an incremental backup is made against; a text: why it must be a full one; null: there is nothing yet. */
export function baseOf(ctx: Holder, place: BackupPlace, longestChain: number): ChainLink | string | null {
  const links = chainOf(ctx)
  const last = links.at(-1)
  if (last === undefined) return null
  if (last.place !== placeText(place)) return 'the backups before it lie in another place'
  return links.length > longestChain ? null : last
}

export function appendToChain(ctx: Holder, part: BackupPart): void {
  const { checkpoint, providerId, name, digest, parentId, place, tracked: targets } = part
  if (checkpoint === null) return
  const links = parentId === undefined ? [] : chainOf(ctx)
  const others = links.filter((link) => link.providerId !== providerId)
  keep(ctx, [...others, { providerId, name, digest, checkpoint, targets, place: placeText(place) }])
}

/** Whatever came after it goes, too. */
export function removeFromChain(ctx: Holder, providerId: string): void {
  const links = chainOf(ctx)
  const at = links.findIndex((link) => link.providerId === providerId)
  if (at >= 0) keep(ctx, links.slice(0, at))
}

/** The disks are others from now on: nobody knows what changed. */
export function endChain(ctx: Holder): void {
  keep(ctx, [])
}

const owed = 'checkpoints_to_delete'

/** Checkpoints that could not be deleted while the domain was off. */
export function owedCheckpoints({ instance }: Holder): readonly string[] {
  const value = instance.runtimeProperties[owed]
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []
}

export function keepOwed({ instance }: Holder, names: readonly string[]): void {
  if (names.length === 0) delete instance.runtimeProperties[owed]
  else instance.runtimeProperties[owed] = [...new Set(names)]
}

function keep({ instance }: Holder, links: readonly ChainLink[]): void {
  if (links.length === 0) delete instance.runtimeProperties[property]
  else instance.runtimeProperties[property] = { links: links as unknown as Json }
}

const placeText = (place: BackupPlace): string => ('pool' in place ? `pool ${place.pool}` : place.directory)

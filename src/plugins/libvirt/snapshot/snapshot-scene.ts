// A snapshot of the catalog, found on its domain, with all that a decision about it needs.
import { fault } from '../../../kernel/fault.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { domainOf, findDomain, hypervisorOfNode, type NodeDomain } from '../domain/domain-of.ts'
import { unlessDone } from '../domain/go-on.ts'
import { hasSavedMemory } from '../domain/state.ts'
import { missing } from '../errors.ts'
import { activeChains, listSnapshots, type KnownSnapshot } from './known-snapshots.ts'
import type { Layering } from './layers.ts'
import { snapshotMissing } from './read-back.ts'
import { isThatOne, recordedFrom, type RecordedSnapshot } from './recorded.ts'
import { snapshotNameOf } from './snapshot-name.ts'

export interface SnapshotScene extends NodeDomain {
  readonly snapshot: KnownSnapshot
  readonly known: readonly KnownSnapshot[]
  readonly layering: Layering
}

/** @throws Fault `libvirt.snapshot_missing` */
export async function sceneOf(ctx: OperationContext, inputs: JsonObject): Promise<SnapshotScene> {
  const recorded = recordedFrom(ctx.part as Json | undefined)
  const found = recorded ? await recordedDomain(ctx, inputs, recorded) : await domainOf(ctx, inputs)
  const name = recorded?.name ?? snapshotNameOf(ctx.instance.id, nameGiven(found))
  const place = { calls: found.hypervisor, dom: found.dom }
  const known = await listSnapshots(ctx, place)
  const snapshot = known.find((one) => one.name === name)
  if (snapshot === undefined || (recorded && !isThatOne(snapshot, recorded)))
    throw snapshotMissing(found.dom.name, name)
  const active = await activeChains(ctx, place, known)
  return { ...found, snapshot, known, layering: { active, others: known.filter((one) => one !== snapshot) } }
}

async function recordedDomain(
  ctx: OperationContext,
  inputs: JsonObject,
  { uuid }: RecordedSnapshot,
): Promise<NodeDomain> {
  const { hypervisor, settings } = await hypervisorOfNode(ctx, inputs)
  const dom = await findDomain(ctx, hypervisor, { uuid })
  if (!dom) throw missing(hypervisor, 'domain', uuid)
  return { hypervisor, settings, dom }
}

const nameGiven = ({ settings: { options } }: NodeDomain): string => options.required('snapshot_name', options.text)

/** Memory that was saved belongs to the disks as they were. */
export async function dropSavedMemory(ctx: OperationContext, { hypervisor, dom }: NodeDomain): Promise<void> {
  if (!(await hasSavedMemory(ctx, { hypervisor, dom }))) return
  await unlessDone(hypervisor.call('DOMAIN_MANAGED_SAVE_REMOVE', { dom }, { signal: ctx.signal }))
}

export function notReverted({ dom, snapshot }: SnapshotScene, reason: string): Error {
  const details = { domain: dom.name, name: snapshot.name, reason }
  return fault('libvirt.not_reverted', { details, effect: 'unknown' })
}

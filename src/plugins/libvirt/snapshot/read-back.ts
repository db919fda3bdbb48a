// Reads back what a cut made: at once, as the part of the catalog; later, whether it is there still.
import { asFault, fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Part, PartCheck, Receipt } from '../../contract/operation.ts'
import { missing } from '../errors.ts'
import { findDomain, hypervisorOfNode } from '../domain/domain-of.ts'
import { activeChains, findSnapshot, listSnapshots, ownFiles, type KnownSnapshot } from './known-snapshots.ts'
import { absentFiles } from './layer-files.ts'
import { isThatOne, receiptOf, recordedFrom } from './recorded.ts'

/** @throws Fault `libvirt.snapshot_missing` */
export async function snapshotSettle(ctx: OperationContext, receipt: Receipt): Promise<Part> {
  const { hypervisor, dom, recorded } = await placeOf(ctx, receipt)
  const place = { calls: hypervisor, dom }
  const known = await listSnapshots(ctx, place)
  const found = known.find(({ name }) => name === recorded.name)
  if (!isThatOne(found, recorded)) throw snapshotMissing(dom.name, recorded.name)
  const active = await activeChains(ctx, place, known)
  const broken = found.disks.find(({ target, chain, overlay }) => {
    const [file = ''] = chain
    return overlay === undefined ? chain.length === 0 : !active.get(target)?.includes(file)
  })
  const details = { domain: dom.name, name: recorded.name, reason: `the disk ${broken?.target} does not stand on it` }
  if (broken) throw fault('libvirt.snapshot_damaged', { details, effect: 'done' })
  return {
    ...receipt,
    ...receiptOf({ ...recorded, files: [...recorded.files, ...standingOn(found, ownFiles(known))] }),
    bytes: null,
    digest: null,
  }
}

// They go with the snapshot once nobody else needs them.
function standingOn({ disks, mode }: KnownSnapshot, ours: ReadonlySet<string>): readonly string[] {
  if (mode === 'internal') return []
  return disks.flatMap(({ chain }) => chain.filter((file) => ours.has(file)))
}

export async function snapshotVerify(ctx: OperationContext, part: Part): Promise<PartCheck> {
  const gone = (reason: string): PartCheck => ({ isUsable: false, isMissing: true, reason })
  const place = await placeOf(ctx, part).catch((thrown: unknown) => {
    if (asFault(thrown).code !== 'libvirt.missing') throw thrown
    return undefined
  })
  if (!place) return gone('its domain is not there')
  const { hypervisor, dom, recorded } = place
  const found = await findSnapshot(ctx, { calls: hypervisor, dom }, recorded.name)
  if (!isThatOne(found, recorded)) return gone(`the domain has no snapshot '${recorded.name}' of that backup`)
  const files = found.mode === 'external' ? found.disks.flatMap(({ chain }) => chain) : []
  const [lost] = await absentFiles(ctx, hypervisor, files)
  if (lost !== undefined) return { isUsable: false, isMissing: false, reason: `its file '${lost}' is not there` }
  return { isUsable: true, isMissing: false, reason: null }
}

/** The domain that a part is of: by its uuid, whatever the node's is by now. */
export async function placeOf(ctx: OperationContext, part: Receipt | Part) {
  const recorded = recordedFrom(part)
  if (!recorded) throw missing({ uri: 'the catalog' }, 'snapshot', String(part.providerId))
  const { hypervisor, settings } = await hypervisorOfNode(ctx)
  const dom = await findDomain(ctx, hypervisor, { uuid: recorded.uuid })
  if (!dom) throw missing(hypervisor, 'domain', recorded.uuid)
  return { hypervisor, settings, dom, recorded }
}

export const snapshotMissing = (domain: string, name: string): Error =>
  fault('libvirt.snapshot_missing', { details: { domain, name } })

// Deletes a snapshot: the one that the catalog recorded, or that this very operation made. What others rest on stays.
import { asFault, fault } from '../../../kernel/fault.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../client/errors.ts'
import { snapshotDelete as deleteFlags } from '../client/flags.ts'
import { domainOf, findDomain, hypervisorOfNode, type NodeDomain } from '../domain/domain-of.ts'
import { isRunning, stateOf } from '../domain/state.ts'
import { commitLayers } from './commit-layers.ts'
import { activeChains, listSnapshots, ownFiles, type KnownSnapshot } from './known-snapshots.ts'
import { removeFiles } from './layer-files.ts'
import { decideRemoval } from './layers.ts'
import { recordedFrom } from './recorded.ts'
import { snapshotNameOf } from './snapshot-name.ts'
import { tellLayers } from './tell-layers.ts'

/** What is gone is gone. @throws Fault `libvirt.snapshot_in_use` */
export async function snapshotDelete(ctx: OperationContext, inputs: JsonObject): Promise<void> {
  const wanted = await wantedSnapshot(ctx, inputs)
  if (wanted === undefined) return
  const { found, name, key, files } = wanted
  const place = { calls: found.hypervisor, dom: found.dom }
  const known = await listSnapshots(ctx, place)
  const snapshot = known.find((one) => one.name === name)
  // Without a record of it, nothing but the key tells whose it is.
  if (snapshot === undefined || snapshot.key !== key) {
    if (snapshot) ctx.log.warning(`Another snapshot is called '${name}' by now, and stays`)
    return
  }
  if (snapshot.mode === 'internal') await remove(ctx, found, snapshot)
  else await removeOutside(ctx, found, { snapshot, known, files })
  ctx.log.info(`Deleted the snapshot '${name}' of domain ${found.dom.name}`)
}

interface Wanted {
  readonly found: NodeDomain
  readonly name: string
  readonly key: string
  /** Recorded as made for it, or for others below it. */
  readonly files: readonly string[]
}

/** Undefined: its domain is gone, and it with that. */
async function wantedSnapshot(ctx: OperationContext, inputs: JsonObject): Promise<Wanted | undefined> {
  const recorded = recordedFrom(ctx.part as Json | undefined)
  if (recorded) {
    const { hypervisor, settings } = await hypervisorOfNode(ctx, inputs)
    const dom = await findDomain(ctx, hypervisor, { uuid: recorded.uuid })
    return dom && { found: { hypervisor, settings, dom }, ...recorded }
  }
  const found = await domainOf(ctx, inputs).catch((thrown: unknown) => {
    if (['libvirt.missing', 'libvirt.not_created'].includes(asFault(thrown).code)) return undefined
    throw thrown
  })
  const given = found?.settings.options.text('snapshot_name')
  if (!found || given === undefined) return undefined
  return { found, name: snapshotNameOf(ctx.instance.id, given), key: ctx.operation.key, files: [] }
}

interface Outside {
  readonly snapshot: KnownSnapshot
  readonly known: readonly KnownSnapshot[]
  readonly files: readonly string[]
}

async function removeOutside(ctx: OperationContext, found: NodeDomain, { snapshot, known, files }: Outside) {
  const { hypervisor, dom } = found
  const active = await activeChains(ctx, { calls: hypervisor, dom }, known)
  const others = known.filter((one) => one !== snapshot)
  const removal = decideRemoval(snapshot, { active, others }, new Set([...ownFiles(known), ...files]))
  if (removal.how === 'refuse') {
    const details = { domain: dom.name, name: snapshot.name, holder: removal.reason }
    throw fault('libvirt.snapshot_in_use', { details })
  }
  if (removal.how === 'merge') return merge(ctx, found, { snapshot, layers: removal.layers })
  // The files first: what is left when this is cut short is still known by the snapshot.
  await removeFiles(ctx, hypervisor, removal.files)
  await remove(ctx, found, snapshot, deleteFlags.metadataOnly)
}

interface Merging {
  readonly snapshot: KnownSnapshot
  readonly layers: ReadonlyMap<string, string>
}

async function merge(ctx: OperationContext, found: NodeDomain, { snapshot, layers }: Merging): Promise<void> {
  const { hypervisor, dom } = found
  const isWhole = snapshot.disks.every(({ target }) => layers.has(target))
  // After restores others may lie upon it than those that it was made with.
  const isAsMade = snapshot.disks.every(({ target, overlay }) => layers.get(target) === overlay)
  if (isWhole && !isAsMade) await tellLayers(ctx, { hypervisor, dom, snapshot }, { layers, isCurrent: false })
  try {
    if (isWhole) return await remove(ctx, found, snapshot)
  } catch (thrown) {
    const isRefused = hasCode(thrown, 'OPERATION_UNSUPPORTED', 'CONFIG_UNSUPPORTED', 'NO_SUPPORT')
    if (!isRefused || !isRunning(await stateOf(ctx, found))) throw thrown
  }
  const merges = snapshot.disks.flatMap(({ target, chain: [base = ''] }) => {
    const layer = layers.get(target)
    return layer === undefined ? [] : [{ target, base, layer }]
  })
  await commitLayers(ctx, found, merges)
  await removeFiles(ctx, hypervisor, layers.values())
  await remove(ctx, found, snapshot, deleteFlags.metadataOnly)
}

async function remove(
  ctx: OperationContext,
  { hypervisor }: NodeDomain,
  { snap }: KnownSnapshot,
  flags = 0,
): Promise<void> {
  await hypervisor.call('DOMAIN_SNAPSHOT_DELETE', { snap, flags }, { signal: ctx.signal }).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'NO_DOMAIN_SNAPSHOT')) throw thrown
  })
}

// The cut: one call that snapshots all disks of a domain at the same instant.
import { fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Receipt } from '../../contract/operation.ts'
import { hasCode } from '../client/errors.ts'
import { snapshotCreate } from '../client/flags.ts'
import { domainOf, type NodeDomain } from '../domain/domain-of.ts'
import { domainInFreeze, isFrozenHere } from '../freeze/frozen-here.ts'
import { whyNotStill } from '../freeze/still-already.ts'
import { findSnapshot } from './known-snapshots.ts'
import { keptAhead } from './read-ahead.ts'
import { consistencyOf, isUp, readDomain, type DomainReading } from './reading.ts'
import { receiptOf } from './recorded.ts'
import { decideMode, wantedMode, type SnapshotMode } from './snapshot-mode.ts'
import { descriptionOf, overlayPath, snapshotNameOf } from './snapshot-name.ts'
import { snapshotXml } from './snapshot-xml.ts'

/** @throws Fault `libvirt.snapshot_taken`, `libvirt.cannot_snapshot` */
export async function snapshotCut(ctx: OperationContext, inputs: JsonObject): Promise<Receipt> {
  const found = await domainInFreeze(ctx, inputs)
  const ahead = keptAhead(ctx, found)
  const reading = ahead?.reading ?? (await readDomain(ctx, found))
  const notStill = whyNotStill(ctx, isUp(reading.state))
  if (notStill !== null)
    throw fault('libvirt.cannot_snapshot', { details: { domain: found.dom.name, reason: notStill } })
  const wish = wishOf(ctx, found, inputs)
  const mode = modeOf(ctx, found, reading)
  const { key } = ctx.operation
  const ready = mode === 'external' ? ahead?.layers : undefined
  const overlays = ready ?? (mode === 'external' ? overlaysOf(found, reading, wish.name, key) : undefined)
  await ctx.once({
    lookUp: async () => {
      const there = await findSnapshot(ctx, { calls: found.hypervisor, dom: found.dom }, wish.name)
      return there?.key === key ? true : undefined
    },
    create: () => create(ctx, found, { ...wish, reading, overlays, areReady: ready !== undefined }),
  })
  if (ahead) ahead.areUsed = ready !== undefined
  const consistency = consistencyOf(reading, mode === 'internal')
  const receipt = receiptOf({
    uuid: found.dom.uuid,
    name: wish.name,
    key,
    mode,
    files: [...(overlays?.values() ?? [])],
  })
  return { ...receipt, ...(consistency ? { consistency } : {}) }
}

/**
 * What it would be refused for, before its guest stands still.
 *
 * @throws Fault `libvirt.snapshot_taken`, `libvirt.cannot_snapshot`, `libvirt.no_domain`
 */
export async function snapshotCheck(ctx: OperationContext, inputs: JsonObject): Promise<void> {
  const found = await domainOf(ctx, inputs)
  modeOf(ctx, found, await readDomain(ctx, found))
  const { name } = wishOf(ctx, found, inputs)
  if (await findSnapshot(ctx, { calls: found.hypervisor, dom: found.dom }, name))
    throw fault('libvirt.snapshot_taken', { details: { domain: found.dom.name, name } })
}

interface Wish {
  readonly name: string
  readonly description: string
}

function wishOf(ctx: OperationContext, { settings: { options } }: NodeDomain, inputs: JsonObject): Wish {
  const given = options.required('snapshot_name', options.text)
  const type = typeof inputs['snapshot_type'] === 'string' ? inputs['snapshot_type'] : 'irregular'
  return { name: snapshotNameOf(ctx.instance.id, given), description: descriptionOf(type, ctx.operation.key) }
}

function modeOf(ctx: OperationContext, { dom, settings }: NodeDomain, reading: DomainReading): SnapshotMode {
  const decision = decideMode({
    wanted: wantedMode(settings),
    disks: reading.disks.filter(({ isSaved }) => isSaved),
    hasFirmwareFile: reading.hasFirmwareFile,
    isFrozen: isFrozenHere(ctx),
  })
  if ('mode' in decision) return decision.mode
  throw fault('libvirt.cannot_snapshot', { details: { domain: dom.name, reason: decision.refusal } })
}

function overlaysOf(
  { settings: { options } }: NodeDomain,
  { disks }: DomainReading,
  name: string,
  key: string,
): ReadonlyMap<string, string> {
  const folder = options.path('snapshot_dir')
  const saved = disks.filter(({ isSaved }) => isSaved)
  return new Map(saved.map(({ target, chain }) => [target, overlayPath(chain[0] ?? '', { name, key, folder })]))
}

interface Creation extends Wish {
  readonly reading: DomainReading
  readonly overlays: ReadonlyMap<string, string> | undefined
  /** They lie there already. */
  readonly areReady: boolean
}

// Never with QUIESCE: it is the freeze that stands around this, and the agent would refuse a second one.
async function create(ctx: OperationContext, found: NodeDomain, creation: Creation): Promise<true> {
  const { hypervisor, dom } = found
  const { name, description, reading, overlays, areReady } = creation
  const isRunning = isUp(reading.state)
  const xml = snapshotXml({ name, description, isRunning, disks: reading.disks, overlays })
  const { atomic, diskOnly, validate, reuseExternal } = snapshotCreate
  // libvirt reads its whole schema for that, which takes as long as the snapshot itself.
  const checked = isFrozenHere(ctx) ? 0 : validate
  const flags = atomic | checked | (overlays ? diskOnly : 0) | (areReady ? reuseExternal : 0)
  await hypervisor.call('DOMAIN_SNAPSHOT_CREATE_XML', { dom, xml, flags }, ctx).catch(async (thrown: unknown) => {
    if (!hasCode(thrown, 'OPERATION_FAILED')) throw thrown
    const there = await findSnapshot(ctx, { calls: hypervisor, dom }, name)
    if (there === undefined || there.key === ctx.operation.key) throw thrown
    throw fault('libvirt.snapshot_taken', { details: { domain: dom.name, name }, cause: thrown })
  })
  return true
}

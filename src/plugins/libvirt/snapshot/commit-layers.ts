// Writes layers into what they lie upon while the domain runs, for a libvirt that does not do so when it deletes a
// snapshot: before 9.0, and where snapshots of both kinds are in one chain.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { blockCommit, blockJobAbort, snapshotCreate } from '../client/flags.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import { allAt, attributeAt, editAt, element, withChild, withoutChild, type XmlElement } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { writeXml } from '../xml/write.ts'
import { chainOf } from './disks.ts'
import { listSnapshots, type KnownSnapshot } from './known-snapshots.ts'

const glance: Duration = 200
const longest = seconds(24 * 3600)

interface Merge {
  readonly target: string
  /** The file that holds the state of the snapshot. */
  readonly base: string
  readonly layer: string
}

/** The domain must run. Afterwards nothing rests on the layers any more; their files are still there. */
export async function commitLayers(ctx: OperationContext, found: NodeDomain, merges: readonly Merge[]): Promise<void> {
  const place = { calls: found.hypervisor, dom: found.dom }
  for (const merge of merges) {
    await commit(ctx, found, merge)
    // At once: whoever comes after us goes by what they say.
    for (const one of await listSnapshots(ctx, place)) await moveDown(ctx, found, one, merge)
  }
}

async function commit(ctx: OperationContext, found: NodeDomain, { target, base, layer }: Merge): Promise<void> {
  const { hypervisor, dom } = found
  const { signal } = ctx
  const isTop = (await diskOf(ctx, found, target)).top === layer
  if (!(await hasJob(ctx, found, target))) {
    const flags = isTop ? blockCommit.active : 0
    await hypervisor.call(
      'DOMAIN_BLOCK_COMMIT',
      { dom, disk: target, base, top: isTop ? null : layer, bandwidth: 0n, flags },
      { signal },
    )
  }
  const { clock } = ctx.world
  const end = clock.monotonic() + longest
  for (;;) {
    const disk = await diskOf(ctx, found, target)
    if (!disk.chain.includes(layer)) return
    if (disk.isReady)
      await hypervisor.call('DOMAIN_BLOCK_JOB_ABORT', { dom, path: target, flags: blockJobAbort.pivot }, { signal })
    else if (!(await hasJob(ctx, found, target)) && (await diskOf(ctx, found, target)).chain.includes(layer)) break
    if (clock.monotonic() > end) break
    await clock.sleep(glance, signal)
  }
  const details = { domain: dom.name, name: layer, reason: 'its layer could not be merged into what it lies upon' }
  throw fault('libvirt.snapshot_damaged', { details, effect: 'done' })
}

async function hasJob(ctx: OperationContext, { hypervisor, dom }: NodeDomain, path: string): Promise<boolean> {
  const { found } = await hypervisor.call('DOMAIN_GET_BLOCK_JOB_INFO', { dom, path }, { signal: ctx.signal })
  return found !== 0
}

async function diskOf(ctx: OperationContext, { hypervisor, dom }: NodeDomain, target: string) {
  const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom }, { signal: ctx.signal })
  const all = allAt(parseXml(xml, `the domain '${dom.name}'`), 'devices/disk')
  const disk = all.find((one) => attributeAt(one, 'target', 'dev') === target) ?? element('disk')
  const chain = chainOf(disk)
  return { chain, top: chain[0], isReady: attributeAt(disk, 'mirror', 'ready') === 'yes' }
}

/** A snapshot whose state was in the layer has it in the file below now. */
async function moveDown(
  ctx: OperationContext,
  { hypervisor, dom }: NodeDomain,
  { document, disks }: KnownSnapshot,
  { target, base, layer }: Merge,
): Promise<void> {
  if (disks.find((disk) => disk.target === target)?.chain[0] !== layer) return
  const moved = (disk: XmlElement): XmlElement =>
    attributeAt(disk, 'target', 'dev') === target
      ? withChild(withoutChild(disk, 'backingStore'), element('source', { file: base }))
      : disk
  const edited = ['domain', 'inactiveDomain'].reduce(
    (one, name) => editAt(one, `${name}/devices/disk`, moved),
    document,
  )
  const args = { dom, xml: writeXml(edited), flags: snapshotCreate.redefine }
  await hypervisor.call('DOMAIN_SNAPSHOT_CREATE_XML', args, { signal: ctx.signal })
}

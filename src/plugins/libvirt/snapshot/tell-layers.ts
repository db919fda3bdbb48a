// Tells libvirt which layers lie upon the files of a snapshot: it goes by that when it deletes the snapshot.
import type { OperationContext } from '../../contract/context.ts'
import { snapshotCreate } from '../client/flags.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import { editAt, element, withChild } from '../xml/element.ts'
import { writeXml } from '../xml/write.ts'
import type { KnownSnapshot } from './known-snapshots.ts'

interface Layers {
  /** Target -> file. */
  readonly layers: ReadonlyMap<string, string>
  /** It is the one that the domain goes on from. */
  readonly isCurrent: boolean
}

export async function tellLayers(
  ctx: Pick<OperationContext, 'signal'>,
  { hypervisor, dom, snapshot }: Pick<NodeDomain, 'hypervisor' | 'dom'> & { readonly snapshot: KnownSnapshot },
  { layers, isCurrent }: Layers,
): Promise<void> {
  const document = editAt(snapshot.document, 'disks/disk', (disk) => {
    const layer = layers.get(disk.attributes['name'] ?? '')
    return layer === undefined ? disk : withChild(disk, element('source', { file: layer }))
  })
  const flags = snapshotCreate.redefine | (isCurrent ? snapshotCreate.current : 0)
  await hypervisor.call('DOMAIN_SNAPSHOT_CREATE_XML', { dom, xml: writeXml(document), flags }, { signal: ctx.signal })
}

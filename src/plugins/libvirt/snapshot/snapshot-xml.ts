// The XML that libvirt makes a snapshot from: what becomes of each disk stands in it, so that nothing is left to a default.
import { element, type XmlElement } from '../xml/element.ts'
import { writeXml } from '../xml/write.ts'
import type { DomainDisk } from './disks.ts'

interface SnapshotDocument {
  readonly name: string
  readonly description: string
  readonly isRunning: boolean
  readonly disks: readonly DomainDisk[]
  /** Target -> path of the overlay; undefined: an internal snapshot. */
  readonly overlays: ReadonlyMap<string, string> | undefined
}

export function snapshotXml({ name, description, isRunning, disks, overlays }: SnapshotDocument): string {
  const memory = overlays === undefined && isRunning ? 'internal' : 'no'
  return writeXml(
    element(
      'domainsnapshot',
      {},
      element('name', {}, name),
      element('description', {}, description),
      element('memory', { snapshot: memory }),
      element('disks', {}, ...disks.map((disk) => diskElement(disk, overlays))),
    ),
  )
}

function diskElement({ target, isSaved }: DomainDisk, overlays: SnapshotDocument['overlays']): XmlElement {
  if (!isSaved) return element('disk', { name: target, snapshot: 'no' })
  if (overlays === undefined) return element('disk', { name: target, snapshot: 'internal' })
  const driver = element('driver', { type: 'qcow2' })
  const source = element('source', { file: overlays.get(target) })
  return element('disk', { name: target, snapshot: 'external', type: 'file' }, driver, source)
}

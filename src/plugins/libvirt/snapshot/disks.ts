// Which disks a domain has, and which files lie below each. Read from a domain's own XML, or from the one in a snapshot.
import { allAt, attributeAt, firstAt, textAt, type XmlElement } from '../xml/element.ts'

export interface DomainDisk {
  /** `vda`. */
  readonly target: string
  /** What is written to, first; then what lies below it, as far as the document tells. Empty: no file. */
  readonly chain: readonly string[]
  readonly format: string
  /** A disk that the guest writes to, and that nobody took out of snapshots. */
  readonly isSaved: boolean
}

export function disksOf(domain: XmlElement): readonly DomainDisk[] {
  return allAt(domain, 'devices/disk').flatMap((disk) => {
    const target = attributeAt(disk, 'target', 'dev')
    if (target === undefined) return []
    const isDisk = (disk.attributes['device'] ?? 'disk') === 'disk'
    const isFixed = firstAt(disk, 'readonly') !== undefined || firstAt(disk, 'transient') !== undefined
    const isTakenOut = disk.attributes['snapshot'] === 'no'
    return [
      {
        target,
        chain: chainOf(disk),
        format: attributeAt(disk, 'driver', 'type') ?? 'raw',
        isSaved: isDisk && !isFixed && !isTakenOut,
      },
    ]
  })
}

/** Its firmware keeps variables in a file that an internal snapshot would not hold. */
export function hasFirmwareFile(domain: XmlElement): boolean {
  const os = firstAt(domain, 'os')
  if (!os) return false
  const isFlash = attributeAt(os, 'loader', 'type') === 'pflash'
  return isFlash || os.attributes['firmware'] === 'efi' || textAt(os, 'nvram') !== undefined
}

/** The file of a disk, or of a layer, and those below it. */
export function chainOf(layer: XmlElement): readonly string[] {
  const own = attributeAt(layer, 'source', 'file')
  if (own === undefined) return []
  const below = firstAt(layer, 'backingStore')
  return [own, ...(below ? chainOf(below) : [])]
}

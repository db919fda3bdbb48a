// Which disks of a domain are saved, and what each is: read off the domain's own description.
import { allAt, attributeAt, firstAt, type XmlElement } from '../xml/element.ts'

export interface DomainDisk {
  /** `vda` */
  readonly target: string
  readonly format: string
  /** `file`, `block`, `volume`, `network` ... */
  readonly kind: string
  /** Path of the file or device; undefined for others. */
  readonly path: string | undefined
  /** For disks of kind `volume`. */
  readonly volume: { readonly pool: string; readonly name: string } | undefined
  /** Why it is not saved; null: it is. */
  readonly left: string | null
}

export function disksOf(domain: XmlElement): readonly DomainDisk[] {
  return allAt(domain, 'devices/disk').map((disk) => {
    const source = firstAt(disk, 'source')?.attributes ?? {}
    const { pool, volume, file, dev } = source
    return {
      target: attributeAt(disk, 'target', 'dev') ?? '',
      format: attributeAt(disk, 'driver', 'type') ?? 'raw',
      kind: disk.attributes['type'] ?? 'file',
      path: file ?? dev,
      volume: pool === undefined || volume === undefined ? undefined : { pool, name: volume },
      left: leftOut(disk),
    }
  })
}

function leftOut(disk: XmlElement): string | null {
  const device = disk.attributes['device'] ?? 'disk'
  if (device !== 'disk') return `is a ${device}`
  if (firstAt(disk, 'source') === undefined) return 'is empty'
  if (firstAt(disk, 'readonly') !== undefined) return 'can only be read'
  // Whatever it holds is meant to be forgotten when the domain stops.
  if (firstAt(disk, 'transient') !== undefined) return 'is transient'
  return null
}

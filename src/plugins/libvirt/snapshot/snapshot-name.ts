// What a snapshot of ours is called, and how it is known again: by its name and by the key that stands in its description.
import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'

/** `<node instance id>-<snapshot_name>`, as ever; libvirt takes no slash in it. */
export function snapshotNameOf(instanceId: string, given: string): string {
  return `${instanceId}-${given}`.replaceAll('/', '_')
}

/** `irregular [fermata:KEY]`: people read the first, we the second. */
export function descriptionOf(type: string, key: string): string {
  return `${type} [fermata:${key}]`
}

/** The key of the operation that made it; undefined: it is nobody's of us. */
export function keyIn(description: string | undefined): string | undefined {
  return /\[fermata:([^\]]+)\]$/.exec(description ?? '')?.[1]
}

/** A file beside the disk that nobody else can have made: the operation and the disk are in its name. */
export function overlayPath(disk: string, { name, key, folder }: OverlayName): string {
  const mark = createHash('sha256').update(`${key}\0${disk}`).digest('hex').slice(0, 12)
  const stem = basename(disk).replace(/\.(?:qcow2|img|raw)$/, '')
  return join(folder ?? dirname(disk), `${shortened(stem)}.${shortened(name)}.${mark}.qcow2`)
}

interface OverlayName {
  readonly name: string
  readonly key: string
  /** Where overlays shall be instead. */
  readonly folder?: string | undefined
}

// File names end at 255 bytes. An overlay's overlay must not grow with each snapshot.
function shortened(text: string): string {
  const [own = text] = text.split('.')
  return Buffer.from(own)
    .subarray(0, 90)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
}

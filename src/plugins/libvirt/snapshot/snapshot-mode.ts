// Decides how a domain is snapshotted: inside its own disks, with the memory of the guest, or as a layer above each disk.
import type { LibvirtSettings } from '../settings.ts'
import type { DomainDisk } from './disks.ts'

const snapshotModes = ['auto', 'internal', 'external'] as const
type WantedMode = (typeof snapshotModes)[number]
export type SnapshotMode = Exclude<WantedMode, 'auto'>

/** @throws Fault `libvirt.bad_property` */
export function wantedMode({ options }: LibvirtSettings): WantedMode {
  return options.oneOf('snapshot_mode', snapshotModes) ?? 'auto'
}

interface ModeQuestion {
  readonly wanted: WantedMode
  /** Those that are to be saved. */
  readonly disks: readonly DomainDisk[]
  readonly hasFirmwareFile: boolean
  /** Its guest stands still by our own freeze. */
  readonly isFrozen: boolean
}

/** The mode, or why there is none. */
type ModeDecision = { readonly mode: SnapshotMode } | { readonly refusal: string }

/**
 * Inside is what libvirt does by itself, and what brings the memory back, too. It takes as long as writing the memory does,
 * so a guest that was frozen for the cut is not asked to wait for it.
 */
export function decideMode({ wanted, disks, hasFirmwareFile, isFrozen }: ModeQuestion): ModeDecision {
  if (disks.length === 0) return { refusal: 'it has no disk that could be saved' }
  const inside = whyNotInside(disks, hasFirmwareFile)
  if (wanted === 'internal') return inside === null ? { mode: 'internal' } : { refusal: inside }
  const outside = whyNotOutside(disks)
  if (wanted === 'external') return outside === null ? { mode: 'external' } : { refusal: outside }
  if (inside === null && !(isFrozen && outside === null)) return { mode: 'internal' }
  if (outside === null) return { mode: 'external' }
  return { refusal: `${inside}, and ${outside}` }
}

function whyNotInside(disks: readonly DomainDisk[], hasFirmwareFile: boolean): string | null {
  const other = disks.find(({ format }) => format !== 'qcow2')
  if (other) return `its disk ${other.target} is ${other.format}, and only qcow2 holds snapshots inside`
  return hasFirmwareFile ? 'the variables of its firmware would not be in a snapshot inside its disks' : null
}

function whyNotOutside(disks: readonly DomainDisk[]): string | null {
  const other = disks.find(({ chain }) => chain.length === 0)
  return other ? `its disk ${other.target} is no file that a layer could be put upon` : null
}

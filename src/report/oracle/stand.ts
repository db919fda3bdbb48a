// How a node stands after a moment of its bracket.
import type { MomentEntry } from './entry.ts'

export type Stand = 'freezing' | 'frozen' | 'refused' | 'thawing' | 'thawed' | 'stuck'

const stands: Readonly<Partial<Record<MomentEntry['type'], Stand>>> = {
  'freeze.begun': 'freezing',
  'freeze.done': 'frozen',
  'freeze.failed': 'refused',
  'thaw.begun': 'thawing',
  'thaw.done': 'thawed',
  'thaw.failed': 'stuck',
}

/** undefined: the moment says nothing about it. */
export function standOf(moment: MomentEntry): Stand | undefined {
  return stands[moment.type]
}

/** True while the node may stand still and nobody has told that it could not be thawed. */
export function isHeld(stand: Stand | undefined): boolean {
  return stand === 'freezing' || stand === 'frozen' || stand === 'refused' || stand === 'thawing'
}

// Folders of backups that this process has begun, with files of our own that the hypervisor has found there: whoever settles
// one need neither look for the folder again nor prove that it is ours, too.
import type { Hypervisor } from '../client/hypervisor.ts'
import { placePath, type Place } from './place.ts'
import { enter } from './place-users.ts'
import type { BackupPlace } from './part.ts'

const kept = new Map<string, Place>()

export function keepPlace(place: Place): void {
  kept.set(keyOf(place.hypervisor, place.path), place)
}

/** Once: whoever tries again looks anew. */
export function takeKeptPlace(hypervisor: Hypervisor, place: BackupPlace, name: string): Place | undefined {
  if ('pool' in place) return undefined
  const key = keyOf(hypervisor, placePath(place.directory, name))
  const found = kept.get(key)
  kept.delete(key)
  return found && enter({ ...found, hypervisor })
}

const keyOf = ({ uri }: Hypervisor, path: string): string => `${uri}\0${path}`

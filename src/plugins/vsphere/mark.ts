// Our marks on what we make: by them, and never by its name, we know a thing again when an answer was lost.
import { createHash } from 'node:crypto'

/** Name of the extra configuration of a machine. */
export const markName = 'fermata.key'

/** Short, and of plain letters, whatever the key is made of. */
export function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 40)
}

/** Of snapshots, which have a description and nothing else. */
export function markedDescription(text: string, key: string): string {
  return `${text} [fermata ${digestOf(key)}]`
}

export function isMarked(description: string | undefined, key: string): boolean {
  return description?.endsWith(`[fermata ${digestOf(key)}]`) ?? false
}

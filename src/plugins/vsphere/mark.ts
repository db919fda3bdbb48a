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

/** Whether it is of ours at all, whatever work made it. */
export function bearsMark(description: string): boolean {
  return /\[fermata [0-9a-f]{40}\]$/.test(description)
}

export interface CopyName {
  /** What the mark of the work begins with. */
  readonly digest: string
  /** `new`: of a machine that was to take another one's place, `before`: of the one that was in it. */
  readonly role: 'backup' | 'new' | 'before'
}

/** Names of machines that came of backups and of putting back. A name alone proves nothing. */
export function copyNameIn(name: string): CopyName | undefined {
  const [, digest, role] = /-([0-9a-f]{12})-(backup|new|before)$/.exec(name) ?? []
  return digest === undefined ? undefined : { digest, role: role as CopyName['role'] }
}

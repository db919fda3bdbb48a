// How what a backup holds, what the blueprint says and what is there now differ.
import type { Json } from '../../kernel/json.ts'

/**
 * `changed`: live is not as the backup has it, and the blueprint says nothing of it, or what live says.
 * `drifted`: blueprint and backup agree, live alone is different.
 * `redeclared`: live and backup agree, the blueprint alone is different.
 * `conflict`: each of the three is different.
 */
export const differenceKinds = ['changed', 'drifted', 'redeclared', 'conflict'] as const
export type DifferenceKind = (typeof differenceKinds)[number]

/** One value that is not the same everywhere. */
export interface Difference {
  /** Where it is, in the words of the provider: `/network/bridge/@name`. */
  readonly path: string
  readonly kind: DifferenceKind
  /** null: says nothing of it. */
  readonly blueprint: Json
  /** null: is not there. */
  readonly live: Json
  /** null: is not there. */
  readonly backup: Json
}

/** Of one part. Values that are secret are shown as `***`, and compared all the same. */
export interface PartComparison {
  /** True when live is as the backup has it. */
  readonly isSame: boolean
  readonly differences: readonly Difference[]
}

/** What three values make of a path; undefined when nothing is different. */
export function differenceKind(blueprint: Json, live: Json, backup: Json): DifferenceKind | undefined {
  const [declared, now, then] = [blueprint, live, backup].map((value) => JSON.stringify(value))
  const isDeclared = blueprint !== null
  if (now === then) return !isDeclared || declared === now ? undefined : 'redeclared'
  if (!isDeclared || declared === now) return 'changed'
  return declared === then ? 'drifted' : 'conflict'
}

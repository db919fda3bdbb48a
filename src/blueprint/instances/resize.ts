// How many copies there are to be in one container, and which of the earlier ones stay.
import type { Earlier, EarlierCopy } from './earlier.ts'
import type { Copy, Unit } from './expand.ts'

/** A wish for a node or a scaling group: how many instances inside each instance of what contains it. */
export interface Wanted {
  readonly instances: number
  /** Ids that go first when instances are removed. For a group: of the group's instance, or of one of its members. */
  readonly removeFirst?: readonly string[]
  /** Ids that go last. */
  readonly removeLast?: readonly string[]
}

export interface Resized {
  readonly kept: readonly EarlierCopy[]
  readonly added: number
}

/** Only a wish removes instances: a smaller default of a new blueprint does not. */
export function resize(
  unit: Unit,
  parent: Copy | undefined,
  earlier: Earlier | undefined,
  wanted: Wanted | undefined,
): Resized {
  const there = earlier?.copiesIn(unit.name, parent) ?? []
  const count = wanted?.instances ?? unit.count
  if (there.length <= count) return { kept: there, added: count - there.length }
  if (earlier === undefined || wanted === undefined) return { kept: there, added: 0 }
  return { kept: keep(unit.name, there, earlier, wanted), added: 0 }
}

function keep(unit: string, there: readonly EarlierCopy[], earlier: Earlier, wanted: Wanted): readonly EarlierCopy[] {
  const first = new Set(wanted.removeFirst)
  const last = new Set(wanted.removeLast)
  const rank = (copy: EarlierCopy): number => {
    if (earlier.isNamed(unit, copy, first)) return 0
    return earlier.isNamed(unit, copy, last) ? 2 : 1
  }
  const ranks = new Map(there.map((copy) => [copy, rank(copy)]))
  const leaving = there.toSorted((left, right) => (ranks.get(left) ?? 0) - (ranks.get(right) ?? 0))
  const gone = new Set(leaving.slice(0, there.length - wanted.instances))
  return there.filter((copy) => !gone.has(copy))
}

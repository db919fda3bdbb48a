// What in a vCenter somebody should look at: snapshots that grow old, copies of ours that no catalog knows, disks in pieces.
import type { Instant } from '../../../kernel/duration.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { bearsMark, copyNameIn } from '../mark.ts'
import { everySnapshot, type Machine, type SnapshotNode } from '../machine/machine.ts'
import { usualAge } from '../machine/snapshot-age.ts'

/**
 * `old`: older than snapshots should be. `orphan`: it bears our mark, and no catalog of this home knows it. `undecided`: it
 * would be an orphan, and an execution under way may still record it. `put_aside`: a restore kept it because of its
 * snapshots. `consolidate`: the disks have to be consolidated.
 */
export type Problem = 'old' | 'orphan' | 'undecided' | 'put_aside' | 'consolidate'

export interface Finding {
  readonly kind: 'snapshot' | 'machine'
  readonly id: string
  readonly name: string
  readonly machineId: string
  readonly machineName: string
  readonly problems: readonly Problem[]
  /** null: the vCenter does not tell. */
  readonly createdAt: Instant | null
}

export interface Expected {
  /** What the catalog recorded of the parts of all backups. */
  readonly parts: readonly JsonObject[]
  /** When the oldest execution began that is under way; null: none is. */
  readonly activeSince: Instant | null
  readonly now: Instant
  readonly mostDays?: number | undefined
}

const day = 86_400_000
/** So far the clocks of a vCenter and of ours may lie apart. */
const clockSlack = 300_000

/** `marks`: of those machines whose names may be those of copies. */
export function findingsOf(machine: Machine, expected: Expected, marks: ReadonlyMap<string, string>): Finding[] {
  const own = problemsOfMachine(machine, expected, marks)
  const of = { machineId: machine.ref.id, machineName: machine.name }
  const snapshots = [...everySnapshot(machine.snapshots)].flatMap((node): Finding[] => {
    const made = Date.parse(node.createdAt)
    const createdAt = Number.isFinite(made) ? made : null
    const problems = problemsOfSnapshot(machine, node, createdAt, expected)
    return problems.length === 0
      ? []
      : [{ kind: 'snapshot', id: node.ref.id, name: node.name, ...of, problems, createdAt }]
  })
  if (own.length === 0) return snapshots
  return [
    { kind: 'machine', id: machine.ref.id, name: machine.name, ...of, problems: own, createdAt: null },
    ...snapshots,
  ]
}

function problemsOfMachine(machine: Machine, expected: Expected, marks: ReadonlyMap<string, string>): Problem[] {
  const problems: Problem[] = machine.needsConsolidation ? ['consolidate'] : []
  const copy = copyNameIn(machine.name)
  if (copy === undefined) return problems
  // It keeps the mark that it was made with, if any: only its name is ours.
  if (copy.role === 'before') return [...problems, 'put_aside']
  const mark = marks.get(machine.ref.id)
  // A namesake.
  if (mark?.startsWith(copy.digest) !== true) return problems
  const isKnown = expected.parts.some((part) => part['mark'] === mark || part['cloneId'] === machine.ref.id)
  return isKnown ? problems : [...problems, unknown(null, expected)]
}

function problemsOfSnapshot(
  machine: Machine,
  { ref, description }: SnapshotNode,
  createdAt: Instant | null,
  expected: Expected,
): Problem[] {
  const { parts, now, mostDays = usualAge } = expected
  const problems: Problem[] = createdAt !== null && now - createdAt > mostDays * day ? ['old'] : []
  // Ids are unique within one vCenter only; and a machine has another id when it was registered anew.
  const isOf = (part: JsonObject): boolean =>
    part['machineId'] === machine.ref.id || part['instanceUuid'] === machine.instanceUuid
  const isNamed = (part: JsonObject): boolean => [part['providerId'], part['snapshotId']].includes(ref.id as Json)
  if (bearsMark(description) && !parts.some((part) => isOf(part) && isNamed(part)))
    problems.push(unknown(createdAt, expected))
  return problems
}

function unknown(createdAt: Instant | null, { activeSince }: Expected): Problem {
  if (activeSince === null) return 'orphan'
  return createdAt === null || createdAt >= activeSince - clockSlack ? 'undecided' : 'orphan'
}

// Three documents, value by value: what the blueprint says, what is there now, what the backup holds.
import { differenceKind, type Difference, type PartComparison } from '../../contract/comparison.ts'
import type { Leaves } from './leaves.ts'

export interface ThreeDocuments {
  /** undefined: it says nothing that could be compared. */
  readonly blueprint: Leaves | undefined
  /** undefined: there is nothing. */
  readonly live: Leaves | undefined
  readonly backup: Leaves
}

const nothing: Leaves = new Map()

export function compareDocuments({ blueprint = nothing, live = nothing, backup }: ThreeDocuments): PartComparison {
  const paths = new Set([...backup.keys(), ...live.keys(), ...blueprint.keys()])
  const differences = [...paths].toSorted().flatMap((path): readonly Difference[] => {
    const values = [blueprint, live, backup].map((leaves) => leaves.get(path) ?? null) as [Value, Value, Value]
    const kind = differenceKind(...values)
    if (kind === undefined) return []
    const [declared, now, then] = isSecret(path) ? values.map(masked) : values
    return [{ path, kind, blueprint: declared ?? null, live: now ?? null, backup: then ?? null }]
  })
  return { isSame: differences.every(({ kind }) => kind === 'redeclared'), differences }
}

/** Where live and backup differ; what the blueprint says alone is left out. */
export function differingPaths({ differences }: PartComparison): readonly string[] {
  return differences.filter(({ kind }) => kind !== 'redeclared').map(({ path }) => path)
}

type Value = string | null

const isSecret = (path: string): boolean => /\/@(passwd|password)$/i.test(path)
const masked = (value: Value): Value => (value === null ? null : '***')

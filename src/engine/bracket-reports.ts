// What the brackets of an execution came to, as its journal keeps it: labels of parts, and who stood still together.
import type { FaultRecord } from '../kernel/fault.ts'
import type { Consistency } from '../plugins/contract/consistency.ts'
import type { FrozenTogether } from '../plugins/contract/workflow.ts'
import type { Engine } from './engine.ts'

export interface BracketReport {
  /** Name of the bracket: `backup`. */
  readonly bracket: string
  /** By instance id; none where state was put back. */
  readonly parts: Readonly<Record<string, { readonly consistency: Consistency; readonly reason: string | null }>>
  /** Instances whose part could not be had. */
  readonly failures: Readonly<Record<string, FaultRecord>>
  /** Everybody first, then groups of the blueprint. */
  readonly frozen: readonly FrozenTogether[]
}

const outcomes =
  "select key, result from steps where execution_id = ? and key like 'bracket-outcome/%' and result is not null " +
  'order by started_at, key'

/** Those that came to an end; a bracket that failed left nothing. */
export async function bracketReports(
  { store }: Pick<Engine, 'store'>,
  executionId: string,
): Promise<readonly BracketReport[]> {
  const rows = await store.read<{ key: string; result: string }>(outcomes, [executionId])
  return rows.map(({ key, result }) => ({
    bracket: key.slice('bracket-outcome/'.length),
    ...(JSON.parse(result) as Omit<BracketReport, 'bracket'>),
  }))
}

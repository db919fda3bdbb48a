// What stands still now, as the ledger knows it: the records of `status` and `thaw`.
import type { Instant } from '../kernel/duration.ts'
import type { FaultRecord } from '../kernel/fault.ts'
import type { ExecutionRow, FreezeRow } from '../store/tables.ts'
import type { EventRecord } from './api.ts'
import type { Engine } from './engine.ts'

/** One instance that the freeze ledger holds as frozen. */
export interface FrozenRecord {
  readonly instanceId: string
  readonly nodeId: string
  readonly deploymentId: string
  readonly executionId: string
  readonly workflow: string
  readonly since: Instant
  /** When its deadman thaws it at the latest. With kind `none` nobody does: it is only how long the bracket may last. */
  readonly until: Instant
  /** Where its deadman lives. */
  readonly kind: 'guest' | 'host' | 'platform' | 'none'
  /** The process that runs the execution; null: it is gone, and `fermata thaw` thaws the instance. */
  readonly holder: string | null
}

export interface ThawOptions {
  readonly deploymentId?: string
  /** Called with every event of the executions that had frozen something, once it is durable. */
  readonly onEvent?: (event: EventRecord) => void
}

export interface ThawReport {
  readonly thawed: readonly FrozenRecord[]
  /** What could not be thawed, and why. */
  readonly failed: readonly (FrozenRecord & { readonly error: FaultRecord })[]
  /** What a living process holds, which thaws it itself. */
  readonly held: readonly FrozenRecord[]
}

type Row = FreezeRow & Pick<ExecutionRow, 'workflow' | 'engine_id'> & { readonly deployment: string }

const openRows =
  'select freezes.*, executions.workflow, executions.engine_id, executions.deployment_id as deployment from freezes ' +
  'join executions on executions.id = freezes.execution_id where freezes.thawed_at is null order by freezes.frozen_at'

/** Everything that is frozen, the longest first. */
export async function frozenNow(engine: Engine, deploymentId?: string): Promise<readonly FrozenRecord[]> {
  const rows = await engine.store.read<Row>(openRows)
  const holders = new Map<string, string | null>()
  for (const row of rows) {
    if (!holders.has(row.execution_id))
      holders.set(
        row.execution_id,
        await engine.ownership.livingOwner({ id: row.execution_id, engine_id: row.engine_id }),
      )
  }
  return rows
    .filter((row) => deploymentId === undefined || row.deployment === deploymentId)
    .map((row) => ({
      instanceId: row.instance_id,
      nodeId: row.node_id || row.instance_id.replace(/_[^_]*$/, ''),
      deploymentId: row.deployment,
      executionId: row.execution_id,
      workflow: row.workflow,
      since: row.frozen_at,
      until: row.until,
      kind: row.kind as FrozenRecord['kind'],
      holder: holders.get(row.execution_id) ?? null,
    }))
}

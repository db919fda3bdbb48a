// The catalog for the outside: looking, holding, verifying, deleting. What reaches a provider runs as an execution.
import { fault, type FaultRecord } from '../kernel/fault.ts'
import { isJsonObject } from '../kernel/json.ts'
import { childrenOf, removalProblem } from '../lifecycle/catalog-rules.ts'
import type { PartComparison } from '../plugins/contract/comparison.ts'
import { decideRetention, deletionOrder, type Decision } from '../schedule/retention/decide.ts'
import { isEmptyPolicy, type RetentionPolicy } from '../schedule/retention/policy.ts'
import { StoreConflict } from '../store/store.ts'
import type { RecoveryPointRow } from '../store/tables.ts'
import type { ExecutionDetails } from './api.ts'
import { backupDetails, backupRecord, copiesOf, linkOf, type BackupRows } from './backup-records.ts'
import { backupRows, findBackup } from './backup-rows.ts'
import type {
  BackupControl,
  BackupLink,
  BackupQuery,
  BackupRecord,
  Backups,
  ComparisonControl,
  RemovalControl,
  RemovalOutcome,
  RetentionDecision,
} from './backups-api.ts'
import type { Engine } from './engine.ts'
import { executionControlOf } from './executions.ts'

export function backupsOf(engine: Engine): Backups {
  return {
    async list({ deploymentId } = {}) {
      const rows = await backupRows(engine, deploymentId)
      return rows.points.map((row) => backupRecord(row, rows))
    },
    async get(wanted, query = {}) {
      const { row, rows } = await findBackup(engine, wanted, query)
      return backupDetails(row, rows)
    },
    verify: (wanted, options = {}) => verify(engine, wanted, options),
    compare: (wanted, options = {}) => compare(engine, wanted, options),
    async hold(wanted, reason, query = {}) {
      if (reason.trim() === '') {
        const message = 'a hold needs a reason: whoever finds it must know what for'
        throw fault('usage.bad_argument', { details: { message } })
      }
      return setHeld(engine, wanted, reason, query)
    },
    release: (wanted, query = {}) => setHeld(engine, wanted, null, query),
    delete: (wanted, options = {}) => deleteBackup(engine, wanted, options),
    async explain(deploymentId, policy) {
      return (await decide(engine, deploymentId, policy)).map(decisionRecord)
    },
    async prune(deploymentId, policy, options = {}) {
      const decisions = await decide(engine, deploymentId, policy)
      const going = deletionOrder(decisions).map(({ id, name }) => ({ id, name: name ?? id }))
      const outcome = await removeAll(engine, deploymentId, going, options)
      return { ...outcome, decisions: decisions.map(decisionRecord) }
    },
  }
}

async function verify(engine: Engine, wanted: string, options: BackupControl): ReturnType<Backups['verify']> {
  const { row } = await findBackup(engine, wanted, options)
  const execution = await run(engine, 'verify_backup', row.deployment_id, { recovery_point: row.id }, options)
  const { row: after, rows } = await findBackup(engine, row.id, { deploymentId: row.deployment_id })
  return { backup: backupDetails(after, rows), execution }
}

async function compare(engine: Engine, wanted: string, options: ComparisonControl): ReturnType<Backups['compare']> {
  const { row, rows } = await findBackup(engine, wanted, options)
  const parameters = { recovery_point: row.id, include_instances: [...(options.instances ?? [])] }
  const execution = await run(engine, 'compare_backup', row.deployment_id, parameters, options)
  const result = isJsonObject(execution.result) ? execution.result['parts'] : undefined
  const parts = (result ?? {}) as unknown as Readonly<Record<string, PartComparison | null>>
  return { backup: backupDetails(row, rows), parts, execution }
}

async function setHeld(
  engine: Engine,
  wanted: string,
  reason: string | null,
  query: BackupQuery,
): Promise<BackupRecord> {
  const { row, rows } = await findBackup(engine, wanted, query)
  const sql = "update recovery_points set held = ? where id = ? and status <> 'deleting'"
  try {
    await engine.store.commit([{ sql, rows: [[reason, row.id]], expect: 1 }])
  } catch (thrown) {
    if (thrown instanceof StoreConflict) throw fault('catalog.being_deleted', { details: { name: row.name } })
    throw thrown
  }
  return backupRecord({ ...row, held: reason }, rows)
}

async function deleteBackup(engine: Engine, wanted: string, options: RemovalControl): Promise<RemovalOutcome> {
  const { row, rows } = await findBackup(engine, wanted, options)
  const going = options.withChildren ? withChildren(rows, row) : [row]
  refuse(rows, going, options.breakFloor ?? false)
  return removeAll(engine, row.deployment_id, going.map(linkOf), options)
}

/** Children first. */
function withChildren(rows: BackupRows, row: RecoveryPointRow, seen = new Set<string>()): RecoveryPointRow[] {
  if (seen.has(row.id)) return []
  seen.add(row.id)
  return [...childrenOf(rows, row).flatMap((child) => withChildren(rows, child, seen)), row]
}

// Asked here, too, so that a refusal leaves no failed execution behind, and a chain is refused before its first goes.
function refuse(rows: BackupRows, going: readonly RecoveryPointRow[], breakFloor: boolean): void {
  let left: BackupRows = rows
  for (const row of going) {
    const problem = removalProblem(left, row, breakFloor ? 'break' : 'hold')
    if (problem) throw problem
    const stays = ({ id }: { readonly id: string }): boolean => id !== row.id
    const parts = left.parts.filter((part) => part.recovery_point_id !== row.id)
    left = { ...left, points: left.points.filter(stays), parts }
  }
}

/** Goes on behind a failure: what is refused for its sake is told as well. */
async function removeAll(
  engine: Engine,
  deploymentId: string,
  going: readonly BackupLink[],
  options: RemovalControl,
): Promise<RemovalOutcome> {
  const deleted: BackupLink[] = []
  const failed: (BackupLink & { readonly error: FaultRecord | null })[] = []
  const executions: string[] = []
  for (const link of going) {
    const parameters = { recovery_point: link.id, break_floor: options.breakFloor ?? false }
    const { id, status, error } = await run(engine, 'remove_backup', deploymentId, parameters, options)
    executions.push(id)
    if (status === 'terminated') deleted.push(link)
    else failed.push({ ...link, error })
    if (options.signal?.aborted) break
  }
  return { deleted, failed, executions }
}

function run(
  engine: Engine,
  workflow: string,
  deploymentId: string,
  parameters: Readonly<Record<string, string | boolean | string[]>>,
  { wait, onEvent, onStarted, signal }: BackupControl,
): Promise<ExecutionDetails> {
  return executionControlOf(engine).start({
    workflow,
    deploymentId,
    parameters,
    ...(wait === undefined ? {} : { wait }),
    ...(onEvent === undefined ? {} : { onEvent }),
    ...(onStarted === undefined ? {} : { onStarted }),
    ...(signal === undefined ? {} : { signal }),
  })
}

async function decide(engine: Engine, deploymentId: string, policy: RetentionPolicy): Promise<readonly Decision[]> {
  if (isEmptyPolicy(policy)) {
    const message = 'it is not said what to keep'
    throw fault('usage.bad_argument', {
      details: { message },
      hint: 'give a rule, such as --keep-last 3 or --keep-daily 7',
    })
  }
  const rows = await backupRows(engine, deploymentId)
  return decideRetention(policy, copiesOf(rows), engine.world.clock.now())
}

function decisionRecord({ copy, action, reasons }: Decision): RetentionDecision {
  const { id, name, status, createdAt } = copy
  return { id, name: name ?? id, status, createdAt, action, reasons }
}

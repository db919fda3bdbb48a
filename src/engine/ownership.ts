// Which engine runs which execution. An execution has one owner; it is taken over only from an owner that is dead.
import { fault } from '../kernel/fault.ts'
import { StoreConflict, insert, type Store, type Write } from '../store/store.ts'
import type { EngineRow, ExecutionRow } from '../store/tables.ts'
import type { World } from '../world/world.ts'
import type { ProcessIdentity, Processes } from './process-identity.ts'

export const activeStatuses = ['pending', 'started', 'cancelling'] as const

const insertUnlessBusy =
  'insert into executions (id, deployment_id, blueprint_id, workflow, status, parameters, options, created_at, ended_at, error, result, engine_id) ' +
  'select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? where not exists ' +
  "(select 1 from executions where deployment_id = ? and status in ('pending', 'started', 'cancelling'))"

const takeOverUnlessBusy =
  'update executions set engine_id = ?, status = ?, ended_at = null, error = null where id = ? and status = ? and engine_id is ? ' +
  'and not exists (select 1 from executions as other where other.deployment_id = executions.deployment_id ' +
  "and other.id <> executions.id and other.status in ('pending', 'started', 'cancelling'))"

const holdAsItIs = 'update executions set engine_id = ? where id = ? and status = ? and engine_id is ?'

export class Ownership {
  readonly engineId: string
  /** Executions that run in this engine now. What is ours and does not run has lost its store on the way. */
  readonly #running = new Set<string>()
  readonly #store: Store
  readonly #world: World
  readonly #processes: Processes
  #isRegistered = false

  constructor(store: Store, world: World, processes: Processes) {
    this.#store = store
    this.#world = world
    this.#processes = processes
    this.engineId = world.newId()
  }

  /** Makes this engine known; must come before its first claim. */
  async register(): Promise<void> {
    if (this.#isRegistered) return
    this.#isRegistered = true
    const row = {
      id: this.engineId,
      process: JSON.stringify(this.#processes.own()),
      started_at: this.#world.clock.now(),
    }
    await this.#store.commit([insert('engines', row)])
  }

  async leave(): Promise<void> {
    if (this.#isRegistered)
      await this.#store.commit([{ sql: 'delete from engines where id = ?', rows: [[this.engineId]] }])
  }

  /** Says that the execution's run in this engine is over, whatever could be recorded of it. */
  release(executionId: string): void {
    this.#running.delete(executionId)
  }

  /** Records a new execution as ours, unless another one is active on its deployment. */
  async begin(row: ExecutionRow): Promise<boolean> {
    const values = [
      row.id,
      row.deployment_id,
      row.blueprint_id,
      row.workflow,
      row.status,
      row.parameters,
      row.options,
      row.created_at,
      row.ended_at,
      row.error,
      row.result,
      row.engine_id,
      row.deployment_id,
    ]
    return this.#won(row.id, { sql: insertUnlessBusy, rows: [values], expect: 1 })
  }

  /** Makes an execution ours that was seen with its owner and status. False when someone else was faster, or is active on its deployment. */
  async takeOver(execution: Pick<ExecutionRow, 'id' | 'engine_id' | 'status'>, status: string): Promise<boolean> {
    if (execution.engine_id === this.engineId && this.#running.has(execution.id)) return false
    const values = [this.engineId, status, execution.id, execution.status, execution.engine_id]
    return this.#won(execution.id, { sql: takeOverUnlessBusy, rows: [values], expect: 1 })
  }

  /** Active executions whose engine is gone. */
  async interrupted(): Promise<readonly ExecutionRow[]> {
    const active = await this.#active()
    return active.filter(({ execution, owner }) => !this.#isLiving(execution, owner)).map(({ execution }) => execution)
  }

  /** The execution that a living engine runs on the deployment now, with words for who that is. */
  async holder(
    deploymentId: string,
  ): Promise<{ readonly execution: ExecutionRow; readonly words: string } | undefined> {
    const found = (await this.#active()).find(
      ({ execution, owner }) => execution.deployment_id === deploymentId && this.#isLiving(execution, owner),
    )
    if (!found?.owner) return undefined
    const { execution, owner } = found
    const since = new Date(execution.created_at).toISOString().slice(0, 19).replace('T', ' ')
    return {
      execution,
      words: `execution ${execution.id} ('${execution.workflow}', since ${since}) is run by process ${owner.pid} on ${owner.host}`,
    }
  }

  /** @throws Fault `engine.busy` */
  async refuseBusy(deploymentId: string): Promise<never> {
    const holder = await this.holder(deploymentId)
    const details = {
      deployment: deploymentId,
      holder: holder?.words ?? 'another execution just began',
      execution: holder?.execution.id ?? 'ID',
    }
    throw fault('engine.busy', { details })
  }

  async isOwnedByLiving(execution: Pick<ExecutionRow, 'id' | 'engine_id'>): Promise<boolean> {
    return (await this.livingOwner(execution)) !== null
  }

  /** Words for the living process that has the execution; null: none has. */
  async livingOwner(execution: Pick<ExecutionRow, 'id' | 'engine_id'>): Promise<string | null> {
    if (execution.engine_id === null) return null
    const [row] = await this.#store.read<{ process: string }>('select process from engines where id = ?', [
      execution.engine_id,
    ])
    if (!row) return null
    const owner = JSON.parse(row.process) as ProcessIdentity
    return this.#isLiving(execution, owner) ? `process ${owner.pid} on ${owner.host}` : null
  }

  /** Makes an execution ours for thawing alone: it keeps its status. False when someone else was faster. */
  async holdToThaw(execution: Pick<ExecutionRow, 'id' | 'engine_id' | 'status'>): Promise<boolean> {
    if (execution.engine_id === this.engineId && this.#running.has(execution.id)) return false
    const values = [this.engineId, execution.id, execution.status, execution.engine_id]
    return this.#won(execution.id, { sql: holdAsItIs, rows: [values], expect: 1 })
  }

  /** Gives up what was held to thaw: whoever wants to may take it over. */
  async giveUp(executionId: string): Promise<void> {
    const change = { sql: 'update executions set engine_id = null where id = ? and engine_id = ?' }
    try {
      await this.#store.commit([{ ...change, rows: [[executionId, this.engineId]] }])
    } finally {
      this.#running.delete(executionId)
    }
  }

  async #active(): Promise<{ readonly execution: ExecutionRow; readonly owner: ProcessIdentity | undefined }[]> {
    const places = activeStatuses.map(() => '?').join(', ')
    const sql = `select * from executions where status in (${places}) order by created_at`
    const executions = await this.#store.read<ExecutionRow>(sql, activeStatuses)
    if (executions.length === 0) return []
    const engines = await this.#store.read<EngineRow>('select * from engines')
    const processOf = new Map(engines.map((engine) => [engine.id, JSON.parse(engine.process) as ProcessIdentity]))
    return executions.map((execution) => ({
      execution,
      owner: execution.engine_id === null ? undefined : processOf.get(execution.engine_id),
    }))
  }

  async #won(executionId: string, change: Write): Promise<boolean> {
    // Known as running before anybody can see that it is ours.
    const wasRunning = this.#running.has(executionId)
    this.#running.add(executionId)
    try {
      await this.#store.commit([change])
      await this.#world.point?.('execution.claimed')
      return true
    } catch (problem) {
      if (!wasRunning) this.#running.delete(executionId)
      if (problem instanceof StoreConflict) return false
      throw problem
    }
  }

  #isLiving(execution: Pick<ExecutionRow, 'id' | 'engine_id'>, owner: ProcessIdentity | undefined): boolean {
    if (execution.engine_id === this.engineId) return this.#running.has(execution.id)
    return owner !== undefined && this.#processes.isAlive(owner)
  }
}

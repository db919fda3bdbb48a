// Which engine runs which execution. An execution has one owner; it is taken over only from an owner that is dead.
import { fault } from '../kernel/fault.ts'
import { StoreConflict, write, type Store } from '../store/store.ts'
import type { ExecutionRow } from '../store/tables.ts'
import type { World } from '../world/world.ts'
import { isAlive, thisProcess, type ProcessIdentity } from './process-identity.ts'

export const activeStatuses = ['pending', 'started', 'cancelling'] as const

const insertUnlessBusy =
  'insert into executions (id, deployment_id, blueprint_id, workflow, status, parameters, options, created_at, ended_at, error, result, engine_id) ' +
  'select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? where not exists ' +
  "(select 1 from executions where deployment_id = ? and status in ('pending', 'started', 'cancelling'))"

export class Ownership {
  readonly engineId: string
  readonly #store: Store
  readonly #world: World
  #isRegistered = false

  constructor(store: Store, world: World) {
    this.#store = store
    this.#world = world
    this.engineId = world.newId()
  }

  /** Makes this engine known; must come before its first claim. */
  async register(): Promise<void> {
    if (this.#isRegistered) return
    this.#isRegistered = true
    const row = { id: this.engineId, process: JSON.stringify(thisProcess()), started_at: this.#world.clock.now() }
    await this.#store.commit([write(this.#store.query.insertInto('engines').values(row))])
  }

  async leave(): Promise<void> {
    if (this.#isRegistered)
      await this.#store.commit([write(this.#store.query.deleteFrom('engines').where('id', '=', this.engineId))])
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
    return this.#won([{ sql: insertUnlessBusy, rows: [values], expect: 1 }])
  }

  /** Makes an execution ours that was seen with `seen` as its owner. False when someone else was faster. */
  async takeOver(execution: Pick<ExecutionRow, 'id' | 'engine_id' | 'status'>, status: string): Promise<boolean> {
    const change = { engine_id: this.engineId, status, ended_at: null, error: null }
    const update = this.#store.query
      .updateTable('executions')
      .set(change)
      .where('id', '=', execution.id)
      .where('status', '=', execution.status)
    const owned =
      execution.engine_id === null
        ? update.where('engine_id', 'is', null)
        : update.where('engine_id', '=', execution.engine_id)
    return this.#won([write(owned, 1)])
  }

  /** Active executions whose engine is gone. */
  async interrupted(): Promise<readonly ExecutionRow[]> {
    const active = await this.#active()
    return active
      .filter(({ execution, owner }) => execution.engine_id !== this.engineId && (!owner || !isAlive(owner)))
      .map(({ execution }) => execution)
  }

  /** The execution that a living engine runs on the deployment now, with words for who that is. */
  async holder(
    deploymentId: string,
  ): Promise<{ readonly execution: ExecutionRow; readonly words: string } | undefined> {
    const found = (await this.#active()).find(
      ({ execution, owner }) => execution.deployment_id === deploymentId && owner && isAlive(owner),
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

  async isOwnedByLiving(execution: Pick<ExecutionRow, 'engine_id'>): Promise<boolean> {
    if (execution.engine_id === null) return false
    const row = await this.#store.query
      .selectFrom('engines')
      .selectAll()
      .where('id', '=', execution.engine_id)
      .executeTakeFirst()
    return row !== undefined && isAlive(JSON.parse(row.process) as ProcessIdentity)
  }

  async #active(): Promise<{ readonly execution: ExecutionRow; readonly owner: ProcessIdentity | undefined }[]> {
    const executions = await this.#store.query
      .selectFrom('executions')
      .selectAll()
      .where('status', 'in', activeStatuses)
      .orderBy('created_at')
      .execute()
    if (executions.length === 0) return []
    const engines = await this.#store.query.selectFrom('engines').selectAll().execute()
    const processOf = new Map(engines.map((engine) => [engine.id, JSON.parse(engine.process) as ProcessIdentity]))
    return executions.map((execution) => ({
      execution,
      owner: execution.engine_id === null ? undefined : processOf.get(execution.engine_id),
    }))
  }

  async #won(writes: Parameters<Store['commit']>[0]): Promise<boolean> {
    try {
      await this.#store.commit(writes)
      return true
    } catch (problem) {
      if (problem instanceof StoreConflict) return false
      throw problem
    }
  }
}

// Applies groups of writes to an SQLite file. One transaction carries all groups that came in together; when one of them
// fails, each is tried on its own, so that a group never fails for another's fault.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { SqlValue, Write } from '../store.ts'

export type Outcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly conflict: boolean; readonly code: number; readonly message: string }

class ConditionFailed extends Error {}

export class GroupWriter {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  apply(groups: readonly (readonly Write[])[]): Outcome[] {
    const together = this.#transaction(groups.flat())
    if (together.ok || groups.length === 1) return groups.map(() => together)
    return groups.map((group) => this.#transaction(group))
  }

  #transaction(writes: readonly Write[]): Outcome {
    try {
      this.#database.exec('begin immediate')
      for (const write of writes) this.#run(write)
      this.#database.exec('commit')
      return { ok: true }
    } catch (problem) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      return failure(problem)
    }
  }

  #run(write: Write): void {
    const statement = this.#prepare(write.sql)
    let changed = 0
    for (const row of write.rows) changed += Number(statement.run(...(row as SqlValue[])).changes)
    if (write.expect !== undefined && changed !== write.expect) throw new ConditionFailed(`${changed} rows changed`)
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

function failure(problem: unknown): Outcome {
  const message = problem instanceof Error ? problem.message : String(problem)
  const code = (problem as { errcode?: unknown }).errcode
  return { ok: false, conflict: problem instanceof ConditionFailed, code: typeof code === 'number' ? code : 0, message }
}

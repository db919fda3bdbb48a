// The store as the rooms above see it: reads through a query builder, writes in groups that become durable together.
import type { Compilable, Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export type SqlValue = string | number | bigint | null | Uint8Array

/** One statement with the rows it runs for. */
export interface Write {
  readonly sql: string
  readonly rows: readonly (readonly SqlValue[])[]
  /** How many rows must change in all; otherwise nothing of the commit is kept and it rejects with StoreConflict. */
  readonly expect?: number
}

export interface Store {
  /** For reading, and for building statements for `commit`. Loaded when first used. */
  readonly query: Kysely<Tables>
  /** Reads with plain SQL: for what must be fast, or must not wait for the query builder to load. */
  read<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]>
  /** All writes of one call in one transaction. Resolves when they are on disk; keeps the order of calls. */
  commit(writes: readonly Write[]): Promise<void>
  /** Moves writing to a thread of its own, so that waits for the disk are not waits of the caller's thread. */
  writeInBackground(): void
  readonly schemaVersion: number
  bytes(): number
  close(): Promise<void>
}

/** The condition of a conditional write did not hold: someone else was faster. */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict'
}

/** A new row as a write. It needs no query builder. */
export function insert<Name extends keyof Tables>(
  table: Name,
  row: Readonly<Record<keyof Tables[Name] & string, SqlValue>>,
  onConflict: '' | 'on conflict (id) do nothing' = '',
): Write {
  const columns = Object.keys(row)
  const places = columns.map(() => '?').join(', ')
  const sql = `insert into ${table} (${columns.join(', ')}) values (${places}) ${onConflict}`
  return { sql, rows: [Object.values<SqlValue>(row)] }
}

/** A built statement as a write. */
export function write(statement: Compilable, expect?: number): Write {
  const { sql, parameters } = statement.compile()
  const rows = [parameters as readonly SqlValue[]]
  return expect === undefined ? { sql, rows } : { sql, rows, expect }
}

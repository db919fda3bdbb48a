// The embedded store without a file: for simulations, which bring their own time to the disk and their own faults.
import type { Kysely } from 'kysely'
import type { SqlValue, Write } from '../store.ts'
import type { Tables } from '../tables.ts'
import { openDatabase } from './database.ts'
import { GroupWriter, type Outcome } from './group-writer.ts'
import { migrate, queryBuilder } from './open.ts'

/** What would be on the disk. Several stores, one after the other, may work on it. */
export interface MemoryDisk {
  readonly query: Kysely<Tables>
  read<Row>(sql: string, parameters?: readonly SqlValue[]): readonly Row[]
  /** Each group in a transaction. */
  apply(groups: readonly (readonly Write[])[]): Outcome[]
  /** Takes all rows away; the schema stays. */
  clear(): void
  close(): Promise<void>
}

const place = ':memory:'

export function openMemoryDisk(): MemoryDisk {
  const database = openDatabase(place)
  migrate(database, place)
  const writer = new GroupWriter(database)
  const query = queryBuilder(database, place)
  const statements = new Map<string, ReturnType<typeof database.prepare>>()
  const names = database
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    .all()
  const clearing = names.map(({ name }) => database.prepare(`delete from "${String(name)}"`))
  return {
    query,
    read<Row>(sql: string, parameters: readonly SqlValue[] = []) {
      const statement = statements.get(sql) ?? database.prepare(sql)
      statements.set(sql, statement)
      return statement.all(...parameters) as unknown as readonly Row[]
    },
    apply: (groups) => writer.apply(groups),
    clear() {
      database.exec('pragma foreign_keys = off')
      for (const statement of clearing) statement.run()
      database.exec('pragma foreign_keys = on')
    },
    async close() {
      await query.destroy()
      if (database.isOpen) database.close()
    },
  }
}

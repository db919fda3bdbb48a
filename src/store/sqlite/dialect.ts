// node:sqlite in the shape that kysely's SQLite dialect asks of a driver.
import type { SqliteDatabase } from 'kysely'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

/** `toFault` makes a fault of whatever the database throws while it reads. */
export function kyselyDatabase(database: DatabaseSync, toFault: (thrown: unknown) => Error): SqliteDatabase {
  const guarded = <Value>(work: () => Value): Value => {
    try {
      return work()
    } catch (thrown) {
      throw toFault(thrown)
    }
  }
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const statement = guarded(() => database.prepare(sql))
      const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => guarded(() => statement.all(...values(parameters))),
        run: (parameters) => guarded(() => statement.run(...values(parameters))),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      }
    },
  }
}

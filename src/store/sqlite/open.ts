// Opens the embedded store: makes the file, brings its schema up to date, and gives reads and group commits on it.
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Kysely, SqliteDialect } from 'kysely'
import { fault } from '../../kernel/fault.ts'
import { migrations } from '../migrations/all.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { openDatabase, type DatabaseSync } from './database.ts'
import { kyselyDatabase } from './dialect.ts'
import { openFault, sqliteFault } from './faults.ts'
import { GroupCommit, type Apply } from './group-commit.ts'
import { GroupWriter } from './group-writer.ts'
import { startWriterThread } from './writer-host.ts'

export interface SqliteOptions {
  readonly path: string
  /** `thread` keeps waits for the disk off the caller's thread: for engines. `inline` starts faster: for single commands. */
  readonly writer: 'thread' | 'inline'
}

export function openSqliteStore(options: SqliteOptions): Store {
  const { path } = options
  const database = openFile(path)
  const writer = options.writer === 'thread' ? startWriterThread(path) : inlineWriter(database)
  const groups = new GroupCommit(writer.apply, (code, message) => sqliteFault(path, code, message))
  const query = new Kysely<Tables>({ dialect: new SqliteDialect({ database: kyselyDatabase(database) }) })
  return {
    query,
    commit: (writes) => groups.commit(writes),
    schemaVersion: migrations.length,
    bytes: () => statSync(path).size,
    async close() {
      await groups.idle()
      await writer.close()
      await query.destroy()
      if (database.isOpen) database.close()
    },
  }
}

function inlineWriter(database: DatabaseSync): { readonly apply: Apply; close(): Promise<void> } {
  const writer = new GroupWriter(database)
  return { apply: async (groups) => writer.apply(groups), close: async () => {} }
}

function openFile(path: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    database = openDatabase(path)
    migrate(database, path)
    return database
  } catch (thrown) {
    database?.close()
    throw openFault(path, thrown)
  }
}

function migrate(database: DatabaseSync, path: string): void {
  const found = versionOf(database)
  if (found === migrations.length) return
  if (found > migrations.length) throw fault('store.newer', { details: { path, found, known: migrations.length } })
  database.exec('begin immediate')
  try {
    // Another process may have migrated between the look and the lock.
    for (const statements of migrations.slice(versionOf(database))) for (const statement of statements) database.exec(statement)
    database.exec(`pragma user_version = ${migrations.length}`)
    database.exec('commit')
  } catch (thrown) {
    if (database.isTransaction) database.exec('rollback')
    throw thrown
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('pragma user_version').get()?.['user_version'] ?? 0)
}

// Opens the embedded store: makes the file, brings its schema up to date, and gives reads and group commits on it.
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname } from 'node:path'
import type { Kysely } from 'kysely'
import { fault } from '../../kernel/fault.ts'
import { migrations } from '../migrations/all.ts'
import type { SqlValue, Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { openDatabase, type DatabaseSync } from './database.ts'
import { kyselyDatabase } from './dialect.ts'
import { openFault, sqliteFault } from './faults.ts'
import { GroupCommit, type Apply } from './group-commit.ts'
import { GroupWriter } from './group-writer.ts'
import { logDamage } from './log-damage.ts'
import { startWriterThread, type WriterThread } from './writer-host.ts'

const library = `./kysely${extname(import.meta.url)}`

/** @throws Fault `store.*` */
export function openSqliteStore(path: string): Store {
  const database = openFile(path)
  const inline = new GroupWriter(database)
  const applyHere: Apply = async (groups) => inline.apply(groups)
  let apply = applyHere
  let thread: WriterThread | undefined
  let closing: Promise<void> | undefined
  const groups = new GroupCommit(
    (group) => apply(group),
    (code, message) => sqliteFault(path, code, message),
  )
  let query: Kysely<Tables> | undefined
  return {
    get query() {
      query ??= queryBuilder(database, path)
      return query
    },
    async read<Row>(sql: string, parameters: readonly SqlValue[] = []) {
      try {
        return database.prepare(sql).all(...parameters) as unknown as readonly Row[]
      } catch (thrown) {
        throw openFault(path, thrown)
      }
    },
    async commit(writes) {
      if (closing) throw fault('store.failed', { details: { reason: 'it was closed already' } })
      return groups.commit(writes)
    },
    writeInBackground() {
      if (thread) return
      thread = startWriterThread(path)
      const { ready, ended, apply: inThread } = thread
      // Until the thread runs, writing here is the faster way.
      void ready.then(() => (apply = inThread))
      // Nor is a thread that died a reason to write no more.
      void ended.then(() => (apply = applyHere))
    },
    schemaVersion: migrations.length,
    bytes: () => statSync(path).size,
    close() {
      closing ??= (async () => {
        await groups.idle()
        await thread?.close()
        await query?.destroy()
        if (database.isOpen) database.close()
      })()
      return closing
    },
  }
}

// It takes longer to load than many commands take to run, so it is loaded by whoever needs it.
export function queryBuilder(database: DatabaseSync, path: string): Kysely<Tables> {
  const { Kysely, SqliteDialect } = createRequire(import.meta.url)(library) as typeof import('./kysely.ts')
  const guarded = kyselyDatabase(database, (thrown) => openFault(path, thrown))
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: guarded }) })
}

function openFile(path: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const isNew = !existsSync(path)
    const reason = logDamage(`${path}-wal`)
    if (reason !== undefined) throw fault('store.corrupt', { details: { path, reason } })
    database = openDatabase(path)
    // The files beside it (log, shared memory) get the same rights from SQLite.
    if (isNew) chmodSync(path, 0o600)
    migrate(database, path)
    return database
  } catch (thrown) {
    database?.close()
    throw openFault(path, thrown)
  }
}

export function migrate(database: DatabaseSync, path: string): void {
  const found = versionOf(database)
  if (found === migrations.length) return
  if (found > migrations.length) throw fault('store.newer', { details: { path, found, known: migrations.length } })
  database.exec('begin immediate')
  try {
    // Another process may have migrated between the look and the lock.
    for (const statements of migrations.slice(versionOf(database)))
      for (const statement of statements) database.exec(statement)
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

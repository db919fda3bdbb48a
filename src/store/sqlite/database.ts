// Opens an SQLite file the way the store wants it: write-ahead log, every commit on disk, foreign keys on.
import { createRequire } from 'node:module'
import type { DatabaseSync } from 'node:sqlite'

export type { DatabaseSync }

const busyTimeoutMs = 10_000
const sqliteBusy = 5
/** Each is lost to another process that got on meanwhile. */
const mostTries = 1000

export function openDatabase(path: string, options: { readonly readOnly?: boolean } = {}): DatabaseSync {
  const { DatabaseSync } = loadSqlite()
  const database = new DatabaseSync(path, { readOnly: options.readOnly ?? false, timeout: busyTimeoutMs })
  try {
    if (!options.readOnly) useWriteAheadLog(database)
    database.exec('pragma synchronous = full; pragma foreign_keys = on')
  } catch (problem) {
    database.close()
    throw problem
  }
  return database
}

/**
 * Only one process can turn a new file over to a log. Whoever comes at that moment is refused at once, however long the
 * timeout: both read already, and waiting for each other could last for ever. A transaction of its own waits.
 */
export function useWriteAheadLog(database: Pick<DatabaseSync, 'exec'>): void {
  for (let tries = 1; ; tries++) {
    try {
      database.exec('pragma journal_mode = wal')
      return
    } catch (thrown) {
      if (!isBusy(thrown) || tries === mostTries) throw thrown
    }
    database.exec('begin immediate; rollback')
  }
}

function isBusy(thrown: unknown): boolean {
  return (Number((thrown as { errcode?: unknown }).errcode) & 0xff) === sqliteBusy
}

// Node 22 warns that the module is experimental; its interface as used here is the same on 22, 24 and 26.
function loadSqlite(): typeof import('node:sqlite') {
  const emitWarning = process.emitWarning
  process.emitWarning = () => {}
  try {
    return createRequire(import.meta.url)('node:sqlite') as typeof import('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}

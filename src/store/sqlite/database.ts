// Opens an SQLite file the way the store wants it: write-ahead log, every commit on disk, foreign keys on.
import { createRequire } from 'node:module'
import type { DatabaseSync } from 'node:sqlite'

export type { DatabaseSync }

const busyTimeoutMs = 10_000

export function openDatabase(path: string, options: { readonly readOnly?: boolean } = {}): DatabaseSync {
  const { DatabaseSync } = loadSqlite()
  const database = new DatabaseSync(path, { readOnly: options.readOnly ?? false, timeout: busyTimeoutMs })
  try {
    if (!options.readOnly) database.exec('pragma journal_mode = wal')
    database.exec('pragma synchronous = full; pragma foreign_keys = on')
  } catch (problem) {
    database.close()
    throw problem
  }
  return database
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

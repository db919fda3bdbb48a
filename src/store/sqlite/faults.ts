// SQLite's result codes and the file system's, as faults of the store. Codes: https://www.sqlite.org/rescode.html
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { asFault, fault, type Fault } from '../../kernel/fault.ts'

const sqliteIoError = 10
const sqliteFull = 13
const sqliteReadOnly = 8
const sqliteCannotOpen = 14
const sqliteCorrupt = 11
const sqliteNotADatabase = 26
const sqlitePermission = 3
const sqliteBusy = 5

/** Bytes that opening a store takes at least. */
const leastRoom = 64 * 1024

/** `code` is SQLite's extended result code; its low byte is the primary one. */
export function sqliteFault(path: string, code: number, message: string): Fault {
  const home = dirname(path)
  switch (code & 0xff) {
    case sqliteFull:
      return fault('store.full', { details: { home } })
    case sqliteReadOnly:
    case sqlitePermission:
      return fault('store.read_only', { details: { home, reason: message } })
    case sqliteCorrupt:
    case sqliteNotADatabase:
      return fault('store.corrupt', { details: { path, reason: message } })
    case sqliteCannotOpen:
    case sqliteBusy:
      return fault('store.unwell', { details: { home, reason: message } })
    case sqliteIoError:
      // The write-ahead log shares memory through a file; when there is no room for that, SQLite calls it an I/O error.
      return isFull(home)
        ? fault('store.full', { details: { home } })
        : fault('store.failed', { details: { reason: message } })
    default:
      return fault('store.failed', { details: { reason: message } })
  }
}

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize < leastRoom
  } catch {
    return false
  }
}

/** What opening a file or making a folder threw. */
export function openFault(path: string, thrown: unknown): Fault {
  const { errcode, code, message } = thrown as { errcode?: number; code?: string; message?: string }
  if (typeof errcode === 'number') return sqliteFault(path, errcode, message ?? 'unknown')
  const home = dirname(path)
  if (code === 'ENOSPC' || code === 'EDQUOT') return fault('store.full', { details: { home } })
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
    return fault('store.read_only', { details: { home, reason: code } })
  if (code === 'ENOTDIR' || code === 'EEXIST' || code === 'ENOENT')
    return fault('store.unwell', { details: { home, reason: message ?? code } })
  return asFault(thrown)
}

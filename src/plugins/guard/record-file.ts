// The small files by which guards and the plugin know of each other, in a folder of memory that only we may enter.
import {
  accessSync,
  lstatSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
  constants,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { GuardRecord } from './record.ts'

/**
 * Makes the folder where it does not exist yet: the user's runtime folder, else /dev/shm, else the temporary folder.
 * Undefined when none of them is safe to use.
 */
export function runtimeFolder(
  environment: Readonly<Record<string, string | undefined>>,
  isSuitable: (folder: string) => boolean = () => true,
): string | undefined {
  const uid = process.geteuid?.() ?? 0
  const places = [environment['XDG_RUNTIME_DIR'], '/dev/shm', tmpdir()].filter((place) => place?.startsWith('/'))
  return places
    .map((place) => join(place ?? '/', `fermata-${uid}`))
    .find((folder) => isOurs(folder, uid) && isSuitable(folder))
}

/** False where the file system is mounted `noexec`, as /dev/shm is in many containers. */
export function mayRunFrom(folder: string): boolean {
  const probe = join(folder, `${process.pid}.probe`)
  try {
    writeFileSync(probe, '', { mode: 0o700 })
    accessSync(probe, constants.X_OK)
    return true
  } catch {
    return false
  } finally {
    rmSync(probe, { force: true })
  }
}

/** True for a folder that `runtimeFolder` may have given, in this environment or in another. */
export function isRuntimeFolder(folder: string): boolean {
  const uid = process.geteuid?.() ?? 0
  return basename(folder) === `fermata-${uid}` && isSafe(folder, uid)
}

function isOurs(folder: string, uid: number): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch {
    // It is there already, or cannot be made; the look below tells.
  }
  return isSafe(folder, uid)
}

function isSafe(folder: string, uid: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  return found !== undefined && found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0
}

/** Undefined when there is none, or when it is not one of ours. */
export function readRecord(path: string): GuardRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is GuardRecord {
  if (typeof value !== 'object' || value === null) return false
  return 'token' in value && 'guard' in value && 'firedAt' in value && 'outcome' in value
}

/** Replaces the file in one step. */
export function replaceRecord(path: string, record: GuardRecord): void {
  replaceFile(path, JSON.stringify(record))
}

/** The same for any text. */
export function replaceFile(path: string, text: string): void {
  const fresh = `${path}.${process.pid}`
  rmSync(fresh, { force: true })
  const file = openSync(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  try {
    writeSync(file, text)
    renameSync(fresh, path)
  } catch (thrown) {
    rmSync(fresh, { force: true })
    throw thrown
  } finally {
    closeSync(file)
  }
}

/** Writes over the file in place: the page it needs is there already, however full the memory file system is. */
export function overwriteRecord(path: string, record: GuardRecord): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  const text = JSON.stringify(record)
  // Spaces after it, so that a longer text from before does not show.
  writeSync(file, text.padEnd(1024), 0)
  closeSync(file)
}

// Takes away what guards left that nobody disarmed: the process that armed them died before it had their handle on record.
import { closeSync, lstatSync, openSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Instant } from '../../kernel/duration.ts'
import { seconds } from '../../kernel/duration.ts'
import { parcelPrefix } from './handle.ts'
import { isAlive } from './process-table.ts'
import { readRecord } from './record-file.ts'

/** Long enough for an execution to be resumed and to hear that its guard fired. */
const keptFor = seconds(24 * 3600)

/** Others may stand still while one is armed: the folder is not looked through for each. Its time is that of the last look. */
const stamp = 'swept'
const pause = seconds(3600)

/** Once an hour. Never throws: it is no part of what it is called along with. */
export function sweepRuntimeFolder(folder: string, now: Instant): void {
  try {
    if (isFresh(join(folder, stamp), now)) return
    const names = readdirSync(folder)
    if (names.length > 0) renew(join(folder, stamp), now)
    const old = names.filter((name) => isOurs(name) && isOld(join(folder, name), now))
    // Whose guard lives is asked of each process: only when there is something to take away.
    const kept = new Set(old.length === 0 ? [] : names.flatMap((name) => neededBy(folder, name)))
    for (const path of old.map((name) => join(folder, name))) {
      if (!kept.has(path)) rmSync(path, { recursive: true, force: true })
    }
  } catch {
    // Next time.
  }
}

function isFresh(path: string, now: Instant): boolean {
  const last = statSync(path, { throwIfNoEntry: false })
  return last !== undefined && Math.abs(now - Math.round(last.mtimeMs)) < pause
}

function renew(path: string, now: Instant): void {
  closeSync(openSync(path, 'a', 0o600))
  utimesSync(path, now / 1000, now / 1000)
}

/** Scripts that thaw have the folder as their temporary one: what else lies there is theirs. */
function isOurs(name: string): boolean {
  return name.startsWith(parcelPrefix) || /\.(?:armed|fired|report|extend|leave|turn|probe)(?:\.[\w-]+)?$/.test(name)
}

/** The record of a guard that lives, and its parcel. */
function neededBy(folder: string, name: string): readonly string[] {
  const path = join(folder, name)
  const record = name.endsWith('.armed') || name.endsWith('.fired') ? readRecord(path) : undefined
  if (!record || !isAlive(record.guard)) return []
  return record.parcel === undefined ? [path] : [path, record.parcel]
}

function isOld(path: string, now: Instant): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found !== undefined && now - found.mtimeMs > keptFor
}

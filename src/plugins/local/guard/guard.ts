// The deadman of a local process: a program of its own that lets the process go on when a freeze outlives its lease.
// It needs nothing from whoever started it: no store, no network, no disk, no living parent.
import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runHook } from './hook.ts'
import { bootId, identityOf, isStopped, sessionMembers, signalGroups, type ProcessIdentity } from './process-table.ts'
import { overwriteRecord, readRecord, replaceRecord } from './record-file.ts'
import type { GuardAnswer, GuardRecord, GuardRequest } from './request.ts'

/** How often the clocks are looked at; a machine that slept wakes us late by no more than this. */
const lookEvery = 500
const thawRounds = 40
const thawPause = 50

const begun = { monotonic: performance.now(), sinceBoot: sinceBoot() }
const request = JSON.parse(readFileSync(0, 'utf8')) as GuardRequest
const self: ProcessIdentity = identityOf(process.pid) ?? { pid: process.pid, startTime: 0, bootId: bootId() }
const marker = join(request.folder, `${self.pid}-${self.startTime}.fired`)
let isFiring = false

for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) process.on(signal, () => undefined)
process.on('SIGTERM', () => {
  // Once the lease is over the process must go on, whoever asks us to stop.
  if (!isFiring) leave()
})

replaceRecord(request.recordPath, recordOf(null, 'armed'))
process.stdout.on('error', () => undefined)
process.stdout.write(`${JSON.stringify({ pid: self.pid, startTime: self.startTime, marker } satisfies GuardAnswer)}\n`)
watch()

function watch(): void {
  const left = request.lease - elapsed()
  if (left > 0) setTimeout(watch, Math.min(left, lookEvery))
  else void fire()
}

/** By the clock that stands still while the machine sleeps or by the one that does not, whichever is ahead. */
function elapsed(): number {
  return Math.max(performance.now() - begun.monotonic, sinceBoot() - begun.sinceBoot)
}

function sinceBoot(): number {
  return Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000
}

async function fire(): Promise<void> {
  isFiring = true
  const current = readRecord(request.recordPath)
  // A newer freeze has a guard of its own; it is not ours to end.
  if (current && current.token !== request.token) return
  const firedAt = Date.now()
  claimMarker()
  mark(recordOf(firedAt, 'firing'))
  const outcome = await thaw()
  mark(recordOf(firedAt, outcome))
}

/** The rename needs no space, and it tells a freeze that is just coming that it has no guard any more. */
function claimMarker(): void {
  try {
    renameSync(request.recordPath, marker)
  } catch {
    // Somebody cleaned the folder: the thaw matters more than the marker.
  }
}

function mark(record: GuardRecord): void {
  try {
    overwriteRecord(marker, record)
  } catch {
    // As above.
  }
}

async function thaw(): Promise<string> {
  if (request.leaveStopped) return 'left stopped, as it was found'
  if (sessionMembers(request.target, request.mark).length === 0) return 'the process is gone'
  const isRunning = await continueAll()
  if (request.finalize === null) return isRunning ? 'thawed' : 'still stopped'
  const { failure } = await runHook(request.finalize, AbortSignal.timeout(request.finalize.timeout))
  return failure === undefined ? 'thawed, finalize hook ran' : `thawed, finalize hook failed: ${failure}`
}

async function continueAll(): Promise<boolean> {
  for (let round = 0; round < thawRounds; round += 1) {
    const members = sessionMembers(request.target, request.mark)
    signalGroups(members, 'SIGCONT')
    if (!members.some((entry) => isStopped(entry.pid))) return true
    await new Promise((resolve) => setTimeout(resolve, thawPause))
  }
  return false
}

function leave(): void {
  const current = readRecord(request.recordPath)
  if (current?.guard.pid === self.pid && current.guard.startTime === self.startTime) {
    rmSync(request.recordPath, { force: true })
  }
  process.exit(0)
}

function recordOf(firedAt: number | null, outcome: string): GuardRecord {
  return { token: request.token, guard: self, firedAt, outcome }
}

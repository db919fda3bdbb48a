// Reads /proc: which processes there are, who they are, which state they are in. Imports nothing of the project, because
// guards, which must stand alone, use it too.
import { readdirSync, readFileSync } from 'node:fs'

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks between boot and start: field 22 of /proc/PID/stat. */
  readonly startTime: number
  readonly bootId: string
}

export interface ProcessEntry {
  readonly pid: number
  readonly state: string
  readonly group: number
  readonly session: number
  readonly startTime: number
}

let knownBootId: string | undefined

/** Changes with every boot of the machine. */
export function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return knownBootId
}

/** False on systems other than Linux, where nothing here works. */
export function hasProcessTable(): boolean {
  return readProcess(process.pid) !== undefined
}

/** The process as /proc shows it, or undefined when there is none. */
export function readProcess(pid: number): ProcessEntry | undefined {
  const text = readProc(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The name stands in parentheses and may hold any character, a `)` included.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    pid,
    state: fields[0] ?? '?',
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTime: Number(fields[19]),
  }
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const entry = readProcess(pid)
  return entry && { pid, startTime: entry.startTime, bootId: bootId() }
}

/** True while this very process exists and is no zombie. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false
  const entry = readProcess(identity.pid)
  return entry !== undefined && entry.startTime === identity.startTime && !isDead(entry)
}

export function isSameProcess(left: ProcessIdentity | undefined, right: ProcessIdentity): boolean {
  return left?.pid === right.pid && left.startTime === right.startTime && left.bootId === right.bootId
}

export function listProcesses(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((entry) => entry !== undefined)
}

/**
 * Living members of the session that `leader` began. When the leader itself is gone, only those that carry `mark`
 * in their environment: its pid may belong to somebody else by now.
 */
export function sessionMembers(leader: ProcessIdentity, mark: string): ProcessEntry[] {
  if (leader.bootId !== bootId()) return []
  const members = listProcesses().filter((entry) => entry.session === leader.pid && !isDead(entry))
  const found = readProcess(leader.pid)
  if (found) return found.startTime === leader.startTime ? members : []
  return members.filter((entry) => hasInEnvironment(entry.pid, mark))
}

/** `assignment` is `NAME=value`. False when the environment cannot be read. */
export function hasInEnvironment(pid: number, assignment: string): boolean {
  return readProc(`/proc/${pid}/environ`)?.split('\0').includes(assignment) ?? false
}

/** True when every thread of the process is stopped by a signal or a tracer, or has ended. */
export function isStopped(pid: number): boolean {
  return threadStates(pid).every((state) => 'TtZXx'.includes(state))
}

function threadStates(pid: number): string[] {
  const threads = readNames(`/proc/${pid}/task`)
  const texts = threads.map((thread) => readProc(`/proc/${pid}/task/${thread}/stat`))
  return texts.map((text) => text?.[text.lastIndexOf(')') + 2] ?? 'X')
}

function isDead(entry: ProcessEntry): boolean {
  return 'ZXx'.includes(entry.state)
}

/** Signals each process group of `members` once; those that ended meanwhile do not matter. */
export function signalGroups(members: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  for (const group of new Set(members.map((entry) => entry.group))) {
    try {
      process.kill(-group, signal)
    } catch (thrown) {
      if (!hasCode(thrown, 'ESRCH')) throw thrown
    }
  }
}

export function hasCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code))
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // Ended between listing and reading, or not ours to read.
    return undefined
  }
}

function readNames(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

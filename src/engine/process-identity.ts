// Which process we are, and whether another one still lives: a number alone is given to others after a while.
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot at which it began; null where the system does not tell. */
  readonly start: string | null
  readonly boot: string | null
  readonly host: string
}

/** Who runs engines. A simulation has others than the machine. */
export interface Processes {
  own(): ProcessIdentity
  isAlive(identity: ProcessIdentity): boolean
}

export const realProcesses: Processes = { own: thisProcess, isAlive }

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, start: startOf(process.pid), boot: bootId(), host: hostname() }
}

/** A process of another host is taken for alive: only that host can tell. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.host !== hostname()) return true
  if (identity.boot !== bootId()) return false
  const start = startOf(identity.pid)
  if (start !== null || identity.start !== null) return start === identity.start && !isZombie(identity.pid)
  return answersSignal(identity.pid)
}

function bootId(): string | null {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? null
}

// Field 22 of /proc/PID/stat; the command in brackets before it may hold blanks. See proc(5).
function startOf(pid: number): string | null {
  return statFields(pid)?.[19] ?? null
}

function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === 'Z'
}

function statFields(pid: number): string[] | undefined {
  const text = readText(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (problem) {
    return (problem as { code?: string }).code === 'EPERM'
  }
}

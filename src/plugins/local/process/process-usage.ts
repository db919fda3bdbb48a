// What a process and its session use, read from /proc.
import { readdirSync, readFileSync } from 'node:fs'
import type { ProcessEntry } from '../../guard/process-table.ts'

export interface Usage {
  /** User and system time since the start. */
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly threads: number
  readonly openFiles: number
  /** From and to storage; undefined where the kernel does not tell us. */
  readonly readBytes: number | undefined
  readonly writtenBytes: number | undefined
}

/** Ticks of /proc/PID/stat: 100 a second on every architecture Node runs on. */
const ticksPerSecond = 100

export function usageOf(members: readonly ProcessEntry[]): Usage {
  const all = members.map((entry) => usageOfOne(entry.pid))
  const sum = (pick: (usage: Usage) => number | undefined): number =>
    all.reduce((total, one) => total + (pick(one) ?? 0), 0)
  const isCounted = all.some((one) => one.readBytes !== undefined)
  return {
    cpuSeconds: sum((one) => one.cpuSeconds),
    residentBytes: sum((one) => one.residentBytes),
    threads: sum((one) => one.threads),
    openFiles: sum((one) => one.openFiles),
    readBytes: isCounted ? sum((one) => one.readBytes) : undefined,
    writtenBytes: isCounted ? sum((one) => one.writtenBytes) : undefined,
  }
}

function usageOfOne(pid: number): Usage {
  const stat = text(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const io = text(`/proc/${pid}/io`)
  return {
    cpuSeconds: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond,
    residentBytes: (numberAfter(text(`/proc/${pid}/status`), 'VmRSS') ?? 0) * 1024,
    threads: Number(fields[17] ?? 0),
    openFiles: names(`/proc/${pid}/fd`).length,
    readBytes: numberAfter(io, 'read_bytes'),
    writtenBytes: numberAfter(io, 'write_bytes'),
  }
}

function numberAfter(lines: string, name: string): number | undefined {
  const match = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(lines)
  return match ? Number(match[1]) : undefined
}

function text(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function names(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

// What each host of a run came to, as a table, and its output below that.
import type { FleetHostReport, FleetReport } from '../engine/fleet-api.ts'
import { formatDuration } from '../kernel/duration.ts'
import type { Paint } from './colours.ts'
import { printable } from './printable.ts'
import { tableText } from './table.ts'

export interface FleetTableOptions {
  readonly paint: Paint
  /** The whole output of each host, too. */
  readonly withOutput: boolean
}

const words = { done: 'done', failed: 'failed', in_doubt: 'in doubt', running: 'running', not_begun: 'not begun' }

export async function fleetText(
  report: FleetReport,
  hosts: readonly FleetHostReport[],
  options: FleetTableOptions,
): Promise<string> {
  const table = await tableText({
    head: ['HOST', 'STATE', 'EXIT', 'TIME', 'OUTPUT'],
    rows: hosts.map((host) => [host.host, words[host.state], exitOf(host), timeOf(host), lastWords(host)]),
    paint: options.paint,
  })
  const output = options.withOutput ? hosts.flatMap(outputOf).map((line) => printable(line)) : []
  return [...(hosts.length > 0 ? [table] : []), ...output, summary(report)].join('\n')
}

function summary({ counts, hosts }: FleetReport): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
  return `${hosts.length} hosts: ${parts.map(([state, count]) => `${count} ${words[state as keyof typeof words]}`).join(', ')}`
}

const exitOf = ({ steps }: FleetHostReport): string | null =>
  steps.findLast(({ exitCode }) => exitCode !== null)?.exitCode?.toString() ?? null

const timeOf = ({ startedAt, endedAt }: FleetHostReport): string | null =>
  startedAt === null || endedAt === null ? null : formatDuration(endedAt - startedAt)

/** The last line of what it said, or why it failed. */
function lastWords({ steps }: FleetHostReport): string | null {
  const last = steps.at(-1)
  if (!last) return null
  const told = last.error?.message ?? (last.stdout.trim() || last.stderr.trim())
  return told.trim().split('\n').at(-1)?.slice(0, 100) ?? null
}

function outputOf({ host, steps }: FleetHostReport): string[] {
  return steps.flatMap((step) => [
    ...titled(`== ${host}, ${step.name}, stdout`, step.stdout, step.stdoutBytes),
    ...titled(`== ${host}, ${step.name}, stderr`, step.stderr, step.stderrBytes),
  ])
}

function titled(title: string, text: string, bytes: number): string[] {
  if (text === '') return []
  const kept = Buffer.byteLength(text)
  return [`${title}${kept < bytes ? ` (the last ${kept} of ${bytes} bytes)` : ''}`, text.replace(/\n$/, '')]
}

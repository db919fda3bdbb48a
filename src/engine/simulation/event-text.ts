// The events of a simulated run as text: what two runs of one seed are compared by, and what `--verbose` shows.
import type { Instant } from '../../kernel/duration.ts'
import type { MemoryDisk } from '../../store/sqlite/memory.ts'
import type { Passage } from './passage.ts'

interface Line {
  readonly time: Instant
  readonly instance: string | null
  readonly kind: string
  readonly message: string
}

export function eventText(disk: MemoryDisk): string {
  const rows = disk.read<Line>(
    'select events.time as time, events.instance_id as instance, events.kind as kind, events.message as message from events ' +
      'join executions on executions.id = events.execution_id order by executions.created_at, executions.id, events.sequence',
  )
  return rows.map((row) => `${timeText(row.time)} ${row.instance ?? '-'} ${row.kind}: ${row.message}`).join('\n')
}

export function passageText(passage: Passage): string {
  const { life, index, phase, kind, name, moment, node } = passage
  return `${timeText(passage.at)} life ${life} #${index} ${phase}: ${kind} ${name} ${moment}${node === null ? '' : ` (${node})`}`
}

function timeText(time: Instant): string {
  return new Date(time).toISOString().slice(11, 23)
}

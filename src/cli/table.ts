// Tables in plain columns. cli-table3 knows how wide each character stands on a terminal; it is loaded only here.
import { plain, type Paint } from './colours.ts'
import { printableLine } from './printable.ts'

export type Cell = string | number | null

export interface TableOptions {
  readonly head: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  readonly paint?: Paint
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const

/** The lines of a table, without a line end after the last. Numbers stand to the right, null is empty. */
export async function tableText({ head, rows, paint = plain }: TableOptions): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const isNumeric = head.map((_name, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'))
  const table = new Table({
    head: head.map((name) => paint('bold', name)),
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: isNumeric.map((numeric) => (numeric ? 'right' : 'left')),
  })
  for (const row of rows) table.push(row.map((cell) => (cell === null ? '' : printableLine(String(cell)))))
  return withoutTrailingSpace(table.toString())
}

/** Names and values below each other; values of several lines are set in below their name. */
export function fieldsText(fields: readonly (readonly [string, Cell])[], paint: Paint = plain): string {
  const width = Math.max(...fields.map(([name]) => name.length))
  return fields
    .map(([name, value]) =>
      `${paint('bold', `${name}:`)}${' '.repeat(width - name.length + 1)}${cellText(value)}`.trimEnd(),
    )
    .join('\n')
}

function cellText(value: Cell): string {
  return value === null ? '-' : printableLine(String(value))
}

function withoutTrailingSpace(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

// Tables in plain columns, as wide as what stands in them does on a terminal.
import { plain, type Paint } from './colours.ts'
import { printableLine } from './printable.ts'

export type Cell = string | number | null

export interface TableOptions {
  readonly head: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  readonly paint?: Paint
}

/** The lines of a table, without a line end after the last. Numbers stand to the right, null is empty. */
export async function tableText({ head, rows, paint = plain }: TableOptions): Promise<string> {
  const { default: widthOf } = await import('fast-string-width')
  const isNumeric = head.map((_name, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'))
  const lines = [
    head.map((name) => paint('bold', name)),
    ...rows.map((row) => row.map((cell) => (cell === null ? '' : printableLine(String(cell))))),
  ]
  const widths = head.map((_name, column) =>
    lines.reduce((widest, line) => Math.max(widest, widthOf(line[column] ?? '')), 0),
  )
  const padded = (text: string, column: number): string => {
    const space = ' '.repeat((widths[column] ?? 0) - widthOf(text))
    return isNumeric[column] ? space + text : text + space
  }
  return lines.map((line) => line.map(padded).join('  ').trimEnd()).join('\n')
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

// How the benchmarks say what they measured: figures of one run, and the ratios between them.

export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What is compared with what; above 1 means the first is better. */
  readonly ratio?: readonly [name: string, value: number]
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export function printRows(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`)
  const width = Math.max(...rows.map((row) => row.name.length))
  for (const { name, value, unit, ratio } of rows) {
    const figure = `${formatValue(value)} ${unit}`.padEnd(26)
    console.log(`  ${name.padEnd(width)}  ${figure}${ratio ? `${ratio[0]}: ${ratio[1].toFixed(2)}` : ''}`.trimEnd())
  }
}

function formatValue(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2)
}

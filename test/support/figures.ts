// Figures that tests measure: told as they come, and kept for whoever wants all of them at the end.
import { appendFileSync } from 'node:fs'

export interface Figures {
  readonly min: number
  readonly median: number
  readonly max: number
}

export function figures(values: readonly number[]): Figures {
  const sorted = values.toSorted((left, right) => left - right)
  const at = (index: number): number => Math.round(sorted[index] ?? Number.NaN)
  return { min: at(0), median: at(Math.floor(sorted.length / 2)), max: at(sorted.length - 1) }
}

/** Prints a line of the result; `npm run crash` gathers them through the file it names. */
export function tell(line: string): void {
  console.log(`      ${line}`)
  const file = process.env['FERMATA_FIGURES']
  if (file) appendFileSync(file, `${line}\n`)
}

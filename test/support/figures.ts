// Least, middle and greatest of what was measured.

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

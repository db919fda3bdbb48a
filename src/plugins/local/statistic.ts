// The form in which this plugin's statistics operations give their figures: name -> value and unit.

export interface Statistic {
  readonly [key: string]: number | string
  readonly value: number
  readonly unit: string
}

export function statistic(value: number, unit: string): Statistic {
  return { value: Math.round(value * 1000) / 1000, unit }
}

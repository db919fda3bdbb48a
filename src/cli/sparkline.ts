// A row of numbers as a small drawing in one line of text.

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** One character for each value; equal values all stand in the middle. */
export function sparkline(values: readonly number[]): string {
  const least = Math.min(...values)
  const range = Math.max(...values) - least
  return values
    .map((value) => bars[range === 0 ? 3 : Math.round(((value - least) / range) * (bars.length - 1))] ?? bars[0])
    .join('')
}

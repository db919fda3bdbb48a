// The words of anything: plugins may throw and log whatever they like, also what throws when it is looked at.

/** Never throws. */
export function wordsOf(value: unknown): string {
  try {
    return String(value instanceof Error ? value.message : value)
  } catch {
    return 'something that has no words'
  }
}

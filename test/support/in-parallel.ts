// Work side by side that is waited for as a whole: when one fails, what is under way ends before that is told.

/** `atOnce`: how many may be under way; default: all. */
export async function inParallel<Item, Value>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Value>,
  atOnce = items.length,
): Promise<Value[]> {
  const values: Value[] = []
  const waiting = [...items.entries()]
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, item] = next
      try {
        values[index] = await work(item, index)
      } catch (thrown) {
        // Nothing more begins.
        waiting.length = 0
        throw thrown
      }
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, lane))
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure) throw failure.reason
  return values
}

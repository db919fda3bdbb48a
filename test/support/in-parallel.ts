// Work side by side that is waited for as a whole: when one fails, the others end before that is told.

export async function inParallel<Item, Value>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Value>,
): Promise<Value[]> {
  const outcomes = await Promise.allSettled(items.map((item, index) => work(item, index)))
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}

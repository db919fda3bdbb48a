// The instant that several instances share: from the last freeze to the first thaw, and how far apart their cuts were.
import type { FrozenTogether } from '../plugins/contract/workflow.ts'
import type { CutWindow, Stander } from './standstill.ts'

/** `standers`: all those that have to stand still for these instances. */
export function frozenTogether(
  group: string | null,
  instances: readonly string[],
  standers: readonly Stander[],
  cuts: readonly CutWindow[],
): FrozenTogether {
  return { group, instances, interval: commonInterval(standers), skew: skewOf(cuts) }
}

function commonInterval(standers: readonly Stander[]): FrozenTogether['interval'] {
  let from = -Infinity
  let to = Infinity
  for (const { standstill } of standers) {
    if (standstill.kind !== 'frozen' || standstill.to === null) return null
    from = Math.max(from, standstill.from)
    to = Math.min(to, standstill.to)
  }
  return standers.length === 0 || to < from ? null : { from, to }
}

function skewOf(cuts: readonly CutWindow[]): number | null {
  if (cuts.length === 0) return null
  const first = Math.min(...cuts.map(({ from }) => from))
  return Math.max(...cuts.map(({ to }) => to)) - first
}

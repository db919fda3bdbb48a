// Who stood still while state was captured, and what that is worth. Pure: it decides from what was recorded.
import { formatDuration, type Instant } from '../kernel/duration.ts'
import { isBelow, type Consistency } from '../plugins/contract/consistency.ts'

/** `left`: it should have been frozen and was not. `skipped`: nobody wanted it frozen. */
export type Standstill =
  | {
      readonly kind: 'frozen'
      readonly from: Instant
      readonly to: Instant | null
      readonly isExpired: boolean
      /** The cuts that were begun after its freeze and done before its thaw was called, as far as that is known by order. */
      readonly heldFor?: ReadonlySet<string>
    }
  | { readonly kind: 'left'; readonly reason: string }
  | { readonly kind: 'skipped' }

/** One of those that had to stand still for a part. */
export interface Stander {
  readonly instanceId: string
  /** It runs on a compute; it is none. */
  readonly isService: boolean
  /** What its freeze is worth. */
  readonly gives: Consistency
  readonly standstill: Standstill
}

export interface CutWindow {
  /** Whose cut it is. */
  readonly id?: string
  readonly from: Instant
  readonly to: Instant
}

export interface Label {
  readonly consistency: Consistency
  /** Why it is not better; null when it is `application`. */
  readonly reason: string | null
}

/** The label of a part that was cut in this window. */
export function labelOf(cut: CutWindow, standers: readonly Stander[]): Label {
  const asked = standers.filter(({ standstill }) => standstill.kind !== 'skipped')
  const skipped = standers.filter(({ standstill }) => standstill.kind === 'skipped')
  if (asked.length === 0) return { consistency: 'crash', reason: nothingFrozen(skipped) }
  const breaches = asked.flatMap((stander) => breachOf(cut, stander) ?? [])
  if (breaches.length > 0) return { consistency: 'crash', reason: breaches.join('; ') }
  const services = skipped.filter(({ isService }) => isService)
  const best = asked.reduce<Consistency>((label, { gives }) => (isBelow(label, gives) ? gives : label), 'crash')
  if (best === 'application') {
    if (services.length === 0) return { consistency: 'application', reason: null }
    return { consistency: 'filesystem', reason: `${namesOf(services)} was not asked to stand still` }
  }
  const reason = best === 'filesystem' ? 'file systems stood still, no service was told' : 'freezing gives no more here'
  return { consistency: best, reason }
}

/** Why somebody did not stand still over the whole cut; undefined when it did. */
export function breachOf(cut: CutWindow, { instanceId, standstill }: Stander): string | undefined {
  if (standstill.kind === 'skipped') return undefined
  if (standstill.kind === 'left') return `${instanceId} was not frozen: ${standstill.reason}`
  // Nobody can tell then what was before what.
  if (cut.to < cut.from) return `the clock was set back during the cut`
  const { from, to, isExpired, heldFor } = standstill
  if (heldFor) {
    // Clocks may be set while nodes are frozen: what is known by order is not asked of them.
    const isHeld = heldFor.has(cut.id ?? '')
    if (isHeld && !isExpired) return undefined
    if (!isHeld && (to === null || to > cut.to)) return `${instanceId} was thawed before the cut was through`
  } else if (from > cut.from) {
    return `${instanceId} was frozen ${formatDuration(from - cut.from)} after the cut had begun`
  }
  if (to === null || to > cut.to || (to === cut.to && !isExpired)) return undefined
  const when =
    to < cut.from ? `${formatDuration(cut.from - to)} before the cut` : `${formatDuration(to - cut.from)} into the cut`
  return isExpired ? `the lease of ${instanceId} ended ${when}` : `${instanceId} was thawed ${when}`
}

/** What the provider itself made sure of may only raise a label. */
export function raised(label: Label, claim: Consistency | undefined): Label {
  if (claim === undefined || !isBelow(label.consistency, claim)) return label
  return { consistency: claim, reason: claim === 'application' ? null : 'the provider saw to that itself' }
}

function nothingFrozen(skipped: readonly Stander[]): string {
  return skipped.length === 0 ? 'nothing was frozen' : `nothing was frozen: ${namesOf(skipped)} was skipped`
}

const namesOf = (standers: readonly Stander[]): string => standers.map(({ instanceId }) => instanceId).join(', ')

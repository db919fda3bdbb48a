// Visits instances along the graph, as many at a time as allowed. When a visit fails, whoever waits for it is not
// visited; what is independent goes on to its end.
import { fault, asFault, type Fault } from '../kernel/fault.ts'
import type { WalkPlan } from './graph.ts'
import { abortFault } from './with-limits.ts'

export interface WalkOutcome {
  readonly failures: ReadonlyMap<string, Fault>
  readonly skipped: ReadonlyMap<string, Fault>
}

export interface WalkControl {
  /** How many visits may be under way. */
  readonly window: number
  /** Visit everything, also behind a failure: for thawing, which must leave nobody out. */
  readonly despiteFailures?: boolean
  /** Once it aborts no further visit begins. */
  readonly signal?: AbortSignal
}

/** Visits begun in one turn; then what they wrote goes to the disk while the next ones are made ready. */
const chunk = 32

export async function walk(
  plan: WalkPlan,
  visit: (id: string) => Promise<void>,
  control: WalkControl,
): Promise<WalkOutcome> {
  const failures = new Map<string, Fault>()
  const skipped = new Map<string, Fault>()
  const waitsFor = new Map(plan.waitsFor)
  const ready: string[] = []
  for (const [id, count] of waitsFor) if (count === 0) ready.push(id)
  let next = 0
  let running = 0

  await new Promise<void>((resolve) => {
    const release = (id: string): void => {
      for (const follower of plan.releases.get(id) ?? []) {
        const cause = failures.has(id) || skipped.has(id)
        if (cause && !control.despiteFailures)
          skipped.set(follower, fault('engine.stopped_behind', { details: { dependency: id } }))
        const count = (waitsFor.get(follower) ?? 0) - 1
        waitsFor.set(follower, count)
        if (count === 0) ready.push(follower)
      }
    }
    let isYielding = false
    const advance = (): void => {
      if (isYielding) return
      let begun = 0
      while (next < ready.length && running < control.window) {
        if (begun++ === chunk) {
          isYielding = true
          setImmediate(() => {
            isYielding = false
            advance()
          })
          return
        }
        const id = ready[next++] as string
        if (control.signal?.aborted && !skipped.has(id)) skipped.set(id, notBegun(control.signal))
        if (skipped.has(id)) {
          release(id)
          continue
        }
        running++
        visit(id)
          .catch((thrown: unknown) => void failures.set(id, asFault(thrown)))
          .finally(() => {
            running--
            release(id)
            advance()
          })
      }
      if (running === 0 && next >= ready.length) resolve()
    }
    advance()
  })
  return { failures, skipped }
}

// A lease that ended is no cancel.
function notBegun(signal: AbortSignal): Fault {
  const { code, details } = abortFault(signal)
  return fault(code, { details })
}

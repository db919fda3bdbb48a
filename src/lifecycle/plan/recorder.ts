// Writes down which calls a workflow makes, and which must end before which may begin. Visits of a walk are made one after
// the other here, each in a scope of its own, so that every call is known to belong to the visit that made it.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { WalkPlan } from '../graph.ts'
import type { PlannedCall } from './execution-plan.ts'
import { largest } from './figures.ts'

export type DraftCall = Omit<PlannedCall, 'from' | 'to'>

export interface DraftPhase {
  readonly id: number
  readonly name: string
  readonly after: readonly number[]
  readonly calls: DraftCall[]
  /** Groups before its own. */
  readonly base: number
  lastGroup: number
}

/** Where a call is made: in a visit of a phase, or at the top of the workflow. */
interface Scope {
  readonly phase: DraftPhase | null
  /** What has ended before, and nothing after it: calls of the phase; at the top: phases. */
  ended: readonly string[]
}

export class PlanRecorder {
  readonly phases: DraftPhase[] = []
  readonly #scopes = new AsyncLocalStorage<Scope>()
  readonly #top: Scope = { phase: null, ended: [] }
  readonly #groups = new Map<string, number>()
  readonly #mostCalls: number
  #count = 0

  /** A workflow that loops until it reads what it never can would plan for ever. */
  constructor(mostCalls: number) {
    this.#mostCalls = mostCalls
  }

  /** Visits in the order of the plan; what a visit waits for has ended before its first call. */
  async visits(name: string, plan: WalkPlan, visit: (id: string) => Promise<void>): Promise<void> {
    await this.#within(name, async (phase, entry) => {
      const before = turned(plan)
      const exits = new Map<string, readonly string[]>()
      for (const id of inOrder(plan)) {
        const waitsFor = before.get(id) ?? []
        const ended = waitsFor.length === 0 ? entry : union(waitsFor.map((other) => exits.get(other) ?? []))
        const scope: Scope = { phase, ended }
        await this.#scopes.run(scope, () => visit(id))
        exits.set(id, scope.ended)
      }
      const last = [...exits].filter(([id]) => !plan.releases.has(id)).map(([, ended]) => ended)
      return last.length === 0 ? entry : union(last)
    })
  }

  has(id: string): boolean {
    return this.#groups.has(id)
  }

  /** One call; resolves when everything that was asked for at the same time is written down, too. */
  async call(name: string, call: Omit<DraftCall, 'after' | 'group'>): Promise<void> {
    await this.#within(name, async (phase, entry) => {
      if (++this.#count > this.#mostCalls) throw new Error(`it plans more than ${this.#mostCalls} calls`)
      const group = 1 + Math.max(phase.base, largest(entry.map((id) => this.#groups.get(id) ?? 0)))
      this.#groups.set(call.id, group)
      phase.lastGroup = Math.max(phase.lastGroup, group)
      phase.calls.push({ ...call, after: entry, group })
      await new Promise((resolve) => setImmediate(resolve))
      return [call.id]
    })
  }

  async #within(
    name: string,
    work: (phase: DraftPhase, entry: readonly string[]) => Promise<readonly string[]>,
  ): Promise<void> {
    const scope = this.#scopes.getStore() ?? this.#top
    const entry = scope.ended
    const phase =
      scope.phase ??
      this.#begin(
        name,
        entry.map(Number).toSorted((left, right) => left - right),
      )
    const left = await work(phase, scope.phase ? entry : [])
    const exit = scope.phase ? left : [String(phase.id)]
    // Others that were begun at the same time have their own ends there.
    scope.ended = union([scope.ended.filter((id) => !entry.includes(id)), exit])
  }

  #begin(name: string, after: readonly number[]): DraftPhase {
    const base = largest(after.map((id) => this.phases[id - 1]?.lastGroup ?? 0))
    const phase: DraftPhase = { id: this.phases.length + 1, name, after, calls: [], base, lastGroup: base }
    this.phases.push(phase)
    return phase
  }
}

const union = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())]

/** Who each one waits for. */
function turned(plan: WalkPlan): ReadonlyMap<string, readonly string[]> {
  const before = new Map<string, string[]>()
  for (const [first, followers] of plan.releases) {
    for (const follower of followers) {
      const known = before.get(follower)
      if (known) known.push(first)
      else before.set(follower, [first])
    }
  }
  return before
}

function inOrder(plan: WalkPlan): readonly string[] {
  const left = new Map(plan.waitsFor)
  const ready = [...left].filter(([, count]) => count === 0).map(([id]) => id)
  for (let at = 0; at < ready.length; at++) {
    for (const follower of plan.releases.get(ready[at] as string) ?? []) {
      const count = (left.get(follower) ?? 0) - 1
      left.set(follower, count)
      if (count === 0) ready.push(follower)
    }
  }
  return ready
}

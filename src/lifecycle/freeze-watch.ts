// Watches over those that are frozen while a round goes on: extends leases, ends the round when one is over or takes too
// long, or lets that node alone go on, as its policy says.
import { formatDuration, type Duration, type Instant } from '../kernel/duration.ts'
import { asFault, fault, type Fault } from '../kernel/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Hold } from './bracket-opening.ts'
import { logEvent } from './events.ts'
import type { FreezeRule } from './freeze-policy.ts'
import type { Freezer, FreezeRequest } from './freeze.ts'
import type { Ledger } from './ledger.ts'
import { fsPrepare } from './operations.ts'
import { RoundRecord, type LeftOut } from './round.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'
import { withLimits } from './with-limits.ts'

export interface WatchParts {
  readonly site: Site
  readonly freezer: Freezer
  readonly ledger: Ledger
  readonly round: string
  readonly lease: Duration
}

interface Watched {
  readonly member: Instance
  readonly rule: FreezeRule
  readonly request: FreezeRequest
  readonly giveUp: AbortController
  /** As all times here: on the clock that nobody sets. */
  readonly since: Duration
  /** When a freeze that is only preferred has taken too long. */
  readonly patience: Duration
  state: 'freezing' | 'frozen' | 'left'
  /** Without it the round goes on, with lower labels. */
  isDispensable: boolean
  isExtensible: boolean
  isExtending: boolean
  isBreachTold: boolean
}

export class FreezeWatch {
  readonly #parts: WatchParts
  readonly #watched = new Map<string, Watched>()
  readonly #expiry = new AbortController()
  readonly #over = new AbortController()
  /** Extensions that are under way. */
  readonly #extensions = new Set<Promise<unknown>>()
  #wake = new AbortController()
  #sleepingUntil = -Infinity
  /** Of the lease that began first. */
  #firstEnd: Duration | undefined
  #isRunning = false

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  /** Aborts with the reason why the round has to end. */
  get signal(): AbortSignal {
    return AbortSignal.any([this.#parts.site.signal, this.#expiry.signal])
  }

  /** Freezes a member and watches over it from now on. A failure that its policy allows leaves it running. */
  async freeze(member: Instance, inputs: JsonObject, rule: FreezeRule, hold: Hold): Promise<void> {
    const watched = this.#add(member, inputs, rule, hold)
    try {
      await this.#parts.freezer.freeze(member, watched.request)
      watched.state = 'frozen'
      this.#wakeFor(watched)
    } catch (thrown) {
      const problem = asFault(thrown)
      const isOurs = problem.code.startsWith('store.') || this.signal.aborted
      if (!watched.isDispensable || isOurs) throw problem
      this.#leave(watched, rule.policy === 'prefer' ? 'prefer' : 'degrade', problem.message, problem.effect === 'none')
    }
  }

  /** No attempt of a cut may begin after it; undefined when nobody is in the way. */
  deadline(): Instant | undefined {
    const { clock } = this.#parts.site.world
    const ends = [...this.#watched.values()]
      .filter(({ isDispensable, state }) => !isDispensable && state !== 'left')
      .map((watched) => {
        const entry = this.#parts.ledger.get(this.#parts.round, watched.member.id)
        if (watched.isExtensible && entry) return entry.frozenAt + watched.request.maximum
        return clock.now() + this.#untilOf(watched) - clock.monotonic()
      })
    return ends.length === 0 ? undefined : Math.min(...ends)
  }

  /** After the thaw: what has become longer than it should be without anybody having been told. */
  tellBreaches(): void {
    const { ledger, round } = this.#parts
    for (const { member, rule, isBreachTold } of this.#watched.values()) {
      const entry = ledger.get(round, member.id)
      const length = (entry?.thawedAt ?? 0) - (entry?.frozenAt ?? 0)
      if (!rule.slo || isBreachTold || length <= rule.slo.limit) continue
      this.#warn(
        `${member.id} was frozen for ${formatDuration(length)}; its limit is ${formatDuration(rule.slo.limit)}`,
      )
    }
  }

  /** Resolves when no lease is extended any more. Thaws of single nodes may still be under way. */
  async close(): Promise<void> {
    this.#over.abort()
    this.#wake.abort()
    await Promise.allSettled(this.#extensions)
  }

  #add(member: Instance, inputs: JsonObject, rule: FreezeRule, hold: Hold): Watched {
    const { site, round, lease } = this.#parts
    const giveUp = new AbortController()
    const since = site.world.clock.monotonic()
    this.#firstEnd ??= since + lease
    const watched: Watched = {
      member,
      rule,
      request: { bracket: round, inputs, lease, ...hold, signal: AbortSignal.any([this.signal, giveUp.signal]) },
      giveUp,
      since,
      // The others stand still meanwhile, and still have to be cut.
      patience: since + (this.#firstEnd - since) / 2,
      state: 'freezing',
      isDispensable: rule.policy === 'prefer',
      isExtensible: hold.maximum > lease,
      isExtending: false,
      isBreachTold: false,
    }
    this.#watched.set(member.id, watched)
    this.#wakeFor(watched)
    if (!this.#isRunning) void this.#run()
    return watched
  }

  #wakeFor(watched: Watched): void {
    if (this.#dueOf(watched) < this.#sleepingUntil) this.#wake.abort()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    const { clock } = this.#parts.site.world
    while (!this.#over.signal.aborted && !this.#expiry.signal.aborted) {
      const due = this.#nextDue()
      this.#wake = new AbortController()
      this.#sleepingUntil = due
      if (due === Infinity) break
      await clock.sleep(Math.max(0, due - clock.monotonic()), this.#wake.signal).catch(() => {})
      if (!this.#over.signal.aborted)
        for (const watched of this.#watched.values()) this.#look(watched, clock.monotonic())
    }
    this.#sleepingUntil = -Infinity
    this.#isRunning = false
  }

  #nextDue(): Duration {
    let due = Infinity
    for (const watched of this.#watched.values()) due = Math.min(due, this.#dueOf(watched))
    return due
  }

  // Wall clocks may be set while a node is frozen, and the other one rests while a machine sleeps: the earlier end counts.
  #untilOf({ member, since }: Watched): Duration {
    const { ledger, freezer, round, site, lease } = this.#parts
    const { clock } = site.world
    const entry = ledger.get(round, member.id)
    const byLedger = entry ? clock.monotonic() + entry.until - clock.now() : since + lease
    return Math.min(byLedger, freezer.leaseEnd(member) ?? since + lease)
  }

  #extensionDue(watched: Watched): Duration {
    const isDue = watched.isExtensible && !watched.isExtending && watched.state === 'frozen'
    return isDue ? this.#untilOf(watched) - this.#parts.lease / 2 : Infinity
  }

  #breachDue({ rule, since, isBreachTold }: Watched): Duration {
    return rule.slo && !isBreachTold ? since + rule.slo.limit : Infinity
  }

  #dueOf(watched: Watched): Duration {
    const { state, giveUp } = watched
    if (state === 'left' || (state === 'freezing' && giveUp.signal.aborted)) return Infinity
    const patience = state === 'freezing' && watched.isDispensable ? watched.patience : Infinity
    return Math.min(this.#untilOf(watched), this.#extensionDue(watched), this.#breachDue(watched), patience)
  }

  #look(watched: Watched, now: Duration): void {
    const { state, giveUp } = watched
    if (state === 'left' || (state === 'freezing' && giveUp.signal.aborted)) return
    if (now >= this.#untilOf(watched)) this.#expire(watched)
    else if (state === 'freezing' && watched.isDispensable && now >= watched.patience) this.#giveUp(watched)
    else if (now >= this.#breachDue(watched)) this.#breach(watched)
    else if (now >= this.#extensionDue(watched)) this.#begin(this.#extend(watched))
  }

  #expire(watched: Watched): void {
    const { member, isDispensable, state } = watched
    if (!isDispensable) this.#end(fault('freeze.expired', { details: { nodes: member.id } }))
    else if (state === 'freezing') this.#giveUp(watched)
    else this.#leave(watched, 'prefer', 'its lease ended before the cuts were through')
  }

  #giveUp(watched: Watched): void {
    const limit = formatDuration(this.#parts.site.world.clock.monotonic() - watched.since)
    watched.giveUp.abort(fault('engine.timeout', { details: { operation: fsPrepare, limit } }))
  }

  #breach(watched: Watched): void {
    const { member, rule, state } = watched
    watched.isBreachTold = true
    const limit = formatDuration(rule.slo?.limit ?? 0)
    if (rule.slo?.onBreach === 'fail') {
      this.#end(fault('freeze.slo_breached', { details: { node: member.node.id, limit } }))
    } else if (rule.slo?.onBreach === 'degrade') {
      watched.isDispensable = true
      if (state === 'freezing') this.#giveUp(watched)
      else this.#leave(watched, 'degrade', `it was frozen for its limit of ${limit}`)
    } else {
      this.#warn(`${member.id} is frozen for more than its limit of ${limit}`)
    }
  }

  async #extend(watched: Watched): Promise<void> {
    const { member, request } = watched
    watched.isExtending = true
    const limits = {
      world: this.#parts.site.world,
      signal: AbortSignal.any([request.signal, this.#over.signal]),
      operation: fsPrepare,
      timeout: null,
      isTimeoutRecoverable: false,
    }
    try {
      const extend = (signal: AbortSignal) => this.#parts.freezer.extend(member, { ...request, signal })
      watched.isExtensible = !(await withLimits(limits, extend)).isLast
    } catch (thrown) {
      watched.isExtensible = false
      if (!this.#over.signal.aborted)
        this.#warn(`The lease of ${member.id} was not extended: ${asFault(thrown).message}`)
    } finally {
      watched.isExtending = false
      this.#wake.abort()
    }
  }

  // Nobody waits for the thaw here: the others stand still meanwhile. The round's own thaw does.
  #leave(watched: Watched, policy: LeftOut['policy'], reason: string, isUntouched = false): void {
    const { member, request } = watched
    watched.state = 'left'
    this.#warn(`${member.id} does not stand still: ${reason}`)
    const { journal } = this.#parts.site
    journal.trace({ type: 'freeze.left', instance: member.id, bracket: request.bracket, policy, reason })
    const { signal } = new AbortController()
    new RoundRecord(journal, request.bracket).markLetGo(member.id)
    this.#parts.freezer.letGo(member, request.bracket)
    this.#parts.freezer.thaw(member, { ...request, signal }).catch((thrown: unknown) => {
      this.#warn(`${member.id} could not be thawed: ${asFault(thrown).message}`)
      if (isUntouched) this.#parts.freezer.writeOff(member, request.bracket)
    })
  }

  #end(problem: Fault): void {
    this.#expiry.abort(problem)
  }

  #warn(text: string): void {
    this.#parts.site.journal.event(logEvent('WARNING', text))
  }

  #begin(extension: Promise<void>): void {
    this.#extensions.add(extension)
    void extension.finally(() => this.#extensions.delete(extension))
  }
}

// One round of a bracket: everybody frozen, everybody cut, everybody thawed, then settled. A cut never mixes two rounds.
import type PQueue from 'p-queue'
import type { Duration } from '../kernel/duration.ts'
import { asFault, Fault, fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Member } from '../plugins/contract/workflow.ts'
import type { BracketFrame, Tier } from './bracket-frame.ts'
import { checkCut } from './check-cuts.ts'
import { decideOpening, type Opening } from './bracket-opening.ts'
import { BracketParts } from './bracket-parts.ts'
import { logEvent } from './events.ts'
import { failureOf } from './failure.ts'
import { FreezeWatch } from './freeze-watch.ts'
import { Freezer } from './freeze.ts'
import { planWalk } from './graph.ts'
import type { Ledger } from './ledger.ts'
import type { OperationRunner } from './operation-runner.ts'
import { fsFinalize, fsPrepare } from './operations.ts'
import { RoundRecord } from './round.ts'
import { cutFailures, expiredIn, partFailures, stepOf, type RoundView } from './round-failures.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'
import { walk, type WalkOutcome } from './walk.ts'

/** Nobody stands still for what is known to be refused for longer. */
const nextMoment: Duration = 60_000

export interface BracketScene {
  readonly site: Site
  readonly runner: OperationRunner
  readonly ledger: Ledger
  readonly frame: BracketFrame
  /** For whatever runs while others stand still: nobody there waits for a turn. */
  readonly slots: PQueue
}

export class BracketRound {
  readonly name: string
  readonly record: RoundRecord
  readonly parts: BracketParts
  /** Who is cut in this round. */
  readonly cuts: readonly Instance[]
  readonly #scene: BracketScene
  readonly #freezer: Freezer
  readonly #tiers: readonly Tier[]
  /** Ids of those who are cut; null: everybody. */
  readonly #only: readonly string[] | null

  /** `only`: who is to be cut in a round that is new. */
  constructor(scene: BracketScene, name: string, only: readonly Instance[] | null) {
    const { site, runner, ledger, frame, slots } = scene
    this.name = name
    this.record = new RoundRecord(site.journal, name)
    this.parts = new BracketParts(site, runner, frame, name)
    this.#scene = scene
    this.#freezer = new Freezer(site, runner, ledger, slots)
    const planned = this.record.plan
    this.#only = planned ? planned.cuts : (only?.map(({ id }) => id) ?? null)
    const chosen = this.#only && new Set(this.#only)
    this.cuts = frame.cuts.filter(({ id }) => chosen === null || chosen.has(id))
    const needed = chosen && new Set(this.cuts.flatMap((cut) => frame.standersOf(cut)))
    this.#tiers = frame.tiers.map(({ inputs, members }) => ({
      inputs,
      members: members.filter((member) => needed === null || needed.has(member)),
    }))
  }

  /** Freezes, cuts, thaws. When it resolves the round is closed on disk; when it throws nobody is frozen. */
  async run(opening: Opening): Promise<void> {
    const { site, ledger } = this.#scene
    this.#open(opening)
    const watch = new FreezeWatch({
      site,
      ledger,
      freezer: this.#freezer,
      round: this.name,
      lease: opening.lease,
    })
    const failures: Fault[] = []
    try {
      await this.#freeze(watch, opening)
      await site.world.point?.('bracket.frozen')
      await this.#cut(watch)
      await site.world.point?.('bracket.cut')
    } catch (thrown) {
      failures.push(asFault(thrown))
    } finally {
      await watch.close()
      await this.thaw().catch((thrown: unknown) => failures.push(asFault(thrown)))
      watch.tellBreaches()
    }
    // The first failure ends the round; that something may still be frozen must be told also behind it.
    for (const problem of failures.slice(1))
      site.journal.event(logEvent('ERROR', `Not everything was thawed: ${problem.message}`))
    const expired = expiredIn(this.#view)
    if (failures.length === 0 && expired) failures.push(fault('freeze.expired', { details: { nodes: expired } }))
    if (failures[0]) throw failures[0]
    await this.close()
  }

  async decide(): Promise<Opening> {
    const { site, ledger, frame } = this.#scene
    const freezers = this.#tiers.flatMap(({ members }) => members.filter((member) => member.does(fsPrepare)))
    const opening = await decideOpening(site, frame, ledger, freezers)
    // Who keeps what can be kept finds out at the cut who cannot be saved.
    if (!frame.options.isBestEffort) await Promise.all(this.cuts.map((member) => this.#check(member)))
    return opening
  }

  async #check(member: Instance): Promise<void> {
    const { site, frame } = this.#scene
    await checkCut(site, member, frame.options.cut).catch((thrown: unknown) => {
      // What may be otherwise the next moment is left to the cut, which is tried again.
      const { retry, after = 0 } = asFault(thrown)
      if (retry === 'never' || after > nextMoment) throw thrown
    })
  }

  async close(): Promise<void> {
    this.record.markThawed()
    await this.#scene.site.journal.flush()
    await this.#scene.site.world.point?.('bracket.thawed')
  }

  /** True when only the thaw was still owed by a process that is gone: nothing of the round has to be done again. */
  get isThrough(): boolean {
    const { frame, site } = this.#scene
    if (this.cuts.length > 0) {
      const ends = this.cuts.map((member) => stepOf(this.#view, 'cut', member)?.state)
      if (!frame.options.isBestEffort) return ends.every((state) => state === 'done') && !expiredIn(this.#view)
      return ends.every((state) => state === 'done' || state === 'failed') && this.#isWorthKeeping
    }
    // Where nothing is cut, everybody must at least have been frozen.
    const left = this.record.plan?.left ?? {}
    const wanted = this.#tiers.flatMap(({ members }) =>
      members.filter((member) => member.does(fsPrepare) && !(member.id in left)),
    )
    const isDone = (member: Instance): boolean =>
      site.journal.step(`${this.name}/freeze/${member.id}`)?.state === 'done' ||
      frame.ruleOf(member).policy === 'prefer'
    return wanted.every(isDone) && !expiredIn(this.#view)
  }

  async thaw(): Promise<void> {
    const entries = new Map(this.#scene.ledger.of(this.name).map((entry) => [entry.instanceId, entry]))
    const left = this.record.plan?.left ?? {}
    const isWhole = this.#tiers.every(({ members }) =>
      members.every((member) => entries.has(member.id) || member.id in left || !member.does(fsPrepare)),
    )
    const isOwed = (member: Instance): boolean =>
      member.does(fsPrepare)
        ? entries.get(member.id)?.thawedAt === null
        : // Members with a finalize of their own but nothing to prepare take part once everybody was prepared.
          isWhole && member.does(fsFinalize)
    const isAlone = (member: Instance): boolean => this.#freezer.isThawing(member, this.name)
    // Those that were let go on alone are not waited for by the others.
    const ahead = Promise.all(
      this.#tiers.map(({ inputs, members }) => this.#thawAll(members.filter(isAlone), inputs, 'none')),
    )
    const problems: (Fault | undefined)[] = []
    for (const { inputs, members } of this.#tiers.toReversed()) {
      const owed = members.filter((member) => isOwed(member) && !isAlone(member))
      problems.push(await this.#thawAll(owed, inputs, 'dependencies-first'))
    }
    const [first] = [...problems, ...(await ahead)].filter((problem) => problem !== undefined)
    if (first) throw first
  }

  async #thawAll(
    members: readonly Instance[],
    inputs: JsonObject,
    order: 'dependencies-first' | 'none',
  ): Promise<Fault | undefined> {
    const request = { bracket: this.name, inputs, signal: new AbortController().signal }
    const visit = async (member: Instance): Promise<void> => {
      await this.#freezer.thaw(member, request).catch((thrown: unknown) => {
        // One that was never frozen is owed nothing.
        if (this.#scene.ledger.get(this.name, member.id)?.thawedAt === null) throw thrown
      })
    }
    return failureOf(await this.#walk(members, order, visit, { despiteFailures: true }))
  }

  /** What the provider still owes. With best effort what fails is only taken back; see `failures`. */
  async settle(): Promise<void> {
    const { site, frame } = this.#scene
    const isBestEffort = frame.options.isBestEffort === true
    const failed = cutFailures(this.#view)
    const sound = this.cuts.filter((member) => !failed.has(member))
    const { signal } = site
    const outcome = await this.#walk(sound, 'none', (member) => this.parts.settle(member), {
      signal,
      despiteFailures: isBestEffort,
    })
    const problem = failureOf(outcome)
    if (problem && (!isBestEffort || signal.aborted || isOurs(outcome))) throw problem
    if (isBestEffort) await this.#closeBestEffort()
    await site.world.point?.('bracket.settled')
  }

  /** With best effort: whose part could not be had, and why. */
  get failures(): ReadonlyMap<Instance, Fault> {
    return partFailures(this.#view)
  }

  get #view(): RoundView {
    return { scene: this.#scene, record: this.record, cuts: this.cuts }
  }

  /** Takes back the cuts of a round that came to nothing: those that are there, and those that may be there. */
  async abandon(): Promise<void> {
    // On disk before the first is taken back: whoever carries on must not seal what is half gone.
    this.record.markAbandoned()
    await this.#scene.site.journal.flush()
    await this.#scene.site.world.point?.('bracket.abandoned')
    await this.takeBack()
  }

  /** Those cuts that are there, or may be, and were not taken back yet. */
  takeBack(): Promise<void> {
    return this.#takeBack(this.cuts)
  }

  // On disk with the first ledger row, before anything is frozen.
  #open({ left, warnings }: Opening): void {
    const { frame, site } = this.#scene
    const isWanted = (member: Instance): boolean => member.does(fsPrepare) && left[member.id]?.policy !== 'skip'
    const tiers = this.#tiers.map(({ members }) => members.filter(isWanted).map(({ id }) => id))
    this.record.open(
      { purpose: frame.options.purpose, cuts: this.#only, left },
      { tiers, cuts: this.cuts.map(({ id }) => id), groups: frame.groups as Json },
    )
    for (const text of warnings) site.journal.event(logEvent('WARNING', text))
  }

  async #freeze(watch: FreezeWatch, { holds }: Opening): Promise<void> {
    const { signal } = watch
    for (const { inputs, members } of this.#tiers) {
      const wanted = members.filter((member) => holds.has(member.id))
      const visit = async (member: Instance): Promise<void> => {
        const hold = holds.get(member.id)
        if (hold) await watch.freeze(member, inputs, this.#scene.frame.ruleOf(member), hold)
      }
      const problem = failureOf(await this.#walk(wanted, 'dependents-first', visit, { signal }))
      if (problem) throw signal.reason instanceof Fault ? signal.reason : problem
    }
  }

  async #cut(watch: FreezeWatch): Promise<void> {
    const { frame, slots } = this.#scene
    const isBestEffort = frame.options.isBestEffort === true
    const doomed = new AbortController()
    const limits = { signal: watch.signal, deadline: () => watch.deadline(), slots }
    const visit = async (member: Instance): Promise<void> => {
      try {
        await this.parts.cut(member, limits)
      } catch (thrown) {
        // One failed cut makes the round worthless: begin no other, so that the thaw comes soon.
        if (!isBestEffort) doomed.abort()
        throw thrown
      }
    }
    const outcome = await this.#walk(this.cuts, frame.options.cut.order, visit, {
      signal: AbortSignal.any([watch.signal, doomed.signal]),
      despiteFailures: isBestEffort,
    })
    const problem = failureOf(outcome)
    if (!problem) return
    const { reason } = watch.signal
    if (reason instanceof Fault && reason.code === 'freeze.slo_breached') throw reason
    if (!isBestEffort || this.#scene.site.signal.aborted || isOurs(outcome)) throw problem
    this.#recordFailures(outcome, watch.signal)
    if (!this.#isWorthKeeping) throw problem
  }

  // A round that only adds to others may fail altogether: what they saved is kept.
  get #isWorthKeeping(): boolean {
    return this.#only !== null || this.cuts.some((member) => stepOf(this.#view, 'cut', member)?.state === 'done')
  }

  // What was never begun has no step of its own to say so.
  #recordFailures({ failures, skipped }: WalkOutcome, signal: AbortSignal): void {
    for (const [id, problem] of [...failures, ...skipped]) {
      const key = `${this.name}/cut/${id}`
      const { state } = this.#scene.site.journal.step(key) ?? {}
      if (state === 'failed' || state === 'done') continue
      this.#scene.site.journal.failed(key, 1, signal.reason instanceof Fault ? signal.reason : problem)
    }
  }

  async #closeBestEffort(): Promise<void> {
    const { failures } = this
    for (const [member, problem] of failures) this.#recordLoss(member, problem)
    await this.#takeBack([...failures.keys()])
    const [first] = failures.values()
    if (first && failures.size === this.cuts.length && this.#only === null) throw first
    this.record.markSettled()
    await this.#scene.site.journal.flush()
  }

  // A part that was cut and settled, but not while everybody stood still: no step of it says that it failed.
  #recordLoss(member: Instance, problem: Fault): void {
    const states = [stepOf(this.#view, 'cut', member)?.state, stepOf(this.#view, 'settle', member)?.state]
    if (!states.includes('failed')) this.#scene.site.journal.failed(`${this.name}/lost/${member.id}`, 1, problem)
  }

  async #takeBack(members: readonly Instance[]): Promise<void> {
    const outcome = await this.#walk(members, 'none', (member) => this.parts.undo(member), { despiteFailures: true })
    const problem = failureOf(outcome)
    if (!problem) return
    this.#scene.site.journal.event(logEvent('WARNING', `Not everything could be taken back: ${problem.message}`))
  }

  #walk(
    members: readonly Member[],
    order: 'dependents-first' | 'dependencies-first' | 'none',
    visit: (member: Instance) => Promise<void>,
    control: { readonly signal?: AbortSignal; readonly despiteFailures?: boolean },
  ): Promise<WalkOutcome> {
    const { site } = this.#scene
    const plan = planWalk(site.topology.instances, members, order)
    return walk(plan, (id) => visit(site.topology.get(id)), { window: site.window, ...control })
  }
}

// A store that is lost is not the failure of one member.
function isOurs({ failures }: WalkOutcome): boolean {
  return [...failures.values()].some((problem) => problem.code.startsWith('store.'))
}

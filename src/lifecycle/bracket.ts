// The bracket: everything frozen, everything cut, everything thawed, then settled. What was frozen is thawed whatever
// happens; what was cut in vain is taken back; a bracket that a dead process left open is closed and done anew.
import type { Duration } from '../kernel/duration.ts'
import { asFault, fault, type Fault } from '../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { BracketOptions, BracketOutcome, CutResults, Member, SavedPart } from '../plugins/contract/workflow.ts'
import type { Part, PluginOperation, Receipt } from '../plugins/contract/operation.ts'
import { checkBracket } from './check-bracket.ts'
import { logEvent } from './events.ts'
import { failureOf } from './failure.ts'
import { Freezer } from './freeze.ts'
import { planWalk } from './graph.ts'
import { deadmanOf } from './deadman-use.ts'
import type { Ledger } from './ledger.ts'
import type { OperationRunner, Perform } from './operation-runner.ts'
import { fsFinalize, fsPrepare } from './operations.ts'
import { abandonedKey, bracketViewOf, openedKey, roundName, thawedKey } from './round.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'
import { walk } from './walk.ts'

/** Where no member carries a deadman, a lease only bounds how long we ourselves hold a bracket open. */
const leaseWithoutDeadman: Duration = 600_000

export class Bracket {
  readonly #site: Site
  readonly #runner: OperationRunner
  readonly #ledger: Ledger
  readonly #freezer: Freezer
  readonly #options: BracketOptions
  readonly #tiers: readonly Tier[]
  readonly #cutMembers: readonly Instance[]

  constructor(site: Site, runner: OperationRunner, ledger: Ledger, options: BracketOptions) {
    this.#site = site
    this.#runner = runner
    this.#ledger = ledger
    this.#freezer = new Freezer(site, runner, ledger)
    this.#options = options
    const instances = (members: readonly Member[]): Instance[] => members.map((member) => site.topology.get(member.id))
    this.#tiers = options.tiers.map((tier) => ({ inputs: tier.inputs, members: instances(tier.members) }))
    this.#cutMembers = instances(options.cut.members).filter((member) => member.does(options.cut.operation))
  }

  get #members(): readonly Instance[] {
    return this.#tiers.flatMap((tier) => tier.members)
  }

  async run(): Promise<BracketOutcome> {
    checkBracket(this.#site, this.#members, { operation: this.#options.cut.operation, members: this.#cutMembers })
    const round = await this.#openRound()
    try {
      if (!this.#isThawed(round)) {
        this.#open(round)
        await this.#freezeCutThaw(round)
      }
      const results = await this.#settle(round)
      await this.#site.world.point?.('bracket.settled')
      return this.#outcome(round, results)
    } catch (thrown) {
      // When even that cannot be recorded, a resume finds the round open and abandons it then.
      await this.#abandon(round).catch(() => {})
      throw thrown
    }
  }

  #outcome(round: string, results: CutResults): BracketOutcome {
    const parts = Object.entries(results).map(([id, result]): [string, SavedPart] => {
      const step = this.#site.journal.step(`${round}/cut/${id}`)
      const [cutFrom, cutTo] = [step?.started_at ?? 0, step?.ended_at ?? 0]
      return [id, { result, consistency: 'crash', reason: null, cutFrom, cutTo }]
    })
    return { parts: Object.fromEntries(parts), failures: {}, frozen: [] }
  }

  // A round that was abandoned is history. One that a dead process left open is finished if all its cuts are there and
  // nobody was thawed early; otherwise it is abandoned, for a cut must not mix two freezes.
  async #openRound(): Promise<string> {
    const { journal } = this.#site
    for (let count = 1; ; count++) {
      const round = roundName(this.#options.name, count)
      if (journal.step(abandonedKey(round))) {
        // What could not be thawed then is still owed, and must not be frozen anew before.
        if (this.#ledger.of(round).some((entry) => entry.thawedAt === null)) await this.#thaw(round)
        continue
      }
      if (this.#isThawed(round) || journal.stepsUnder(`${round}/`).length === 0) return round
      journal.event(logEvent('WARNING', 'The process that held this bracket is gone: thawing what it left frozen'))
      await this.#thaw(round)
      if (this.#isCut(round) && !this.#expiredIn(round)) {
        // Only the thaw was still owed.
        await this.#closeRound(round)
        return round
      }
      await this.#abandon(round)
    }
  }

  // On disk with the first ledger row, before anything is frozen.
  #open(round: string): void {
    const { purpose, tiers, cut } = this.#options
    const { journal } = this.#site
    journal.done(openedKey(round), 1, { purpose })
    const freezers = tiers.map(({ members }) => members.filter((member) => member.does(fsPrepare)))
    journal.trace({
      type: 'bracket.opened',
      bracket: round,
      purpose,
      tiers: freezers.map((tier) => tier.map((member) => member.id)),
      cuts: cut.members.filter((member) => member.does(cut.operation)).map((member) => member.id),
      groups: {},
    })
  }

  async #freezeCutThaw(round: string): Promise<void> {
    const scope = this.#scope()
    const failures: Fault[] = []
    try {
      await this.#freeze(round, scope.signal, scope.lease)
      await this.#site.world.point?.('bracket.frozen')
      await this.#cut(round, scope.signal)
      await this.#site.world.point?.('bracket.cut')
    } catch (thrown) {
      failures.push(asFault(thrown))
    } finally {
      scope.release()
      await this.#thaw(round).catch((thrown: unknown) => failures.push(asFault(thrown)))
    }
    // The first failure ends the bracket; that something may still be frozen must be told also behind it.
    for (const problem of failures.slice(1))
      this.#site.journal.event(logEvent('ERROR', `Not everything was thawed: ${problem.message}`))
    const expired = this.#expiredIn(round)
    if (failures.length === 0 && expired) failures.push(fault('freeze.expired', { details: { nodes: expired } }))
    if (failures[0]) throw failures[0]
    await this.#closeRound(round)
  }

  async #closeRound(round: string): Promise<void> {
    this.#site.journal.done(thawedKey(round), 1, null)
    this.#site.journal.trace({ type: 'bracket.thawed', bracket: round })
    await this.#site.journal.flush()
    await this.#site.world.point?.('bracket.thawed')
  }

  #isThawed(round: string): boolean {
    return this.#site.journal.step(thawedKey(round)) !== undefined
  }

  // Where nothing is cut, everything must at least have been prepared.
  #isCut(round: string): boolean {
    const [half, members] =
      this.#cutMembers.length > 0
        ? ['cut', this.#cutMembers]
        : ['freeze', this.#members.filter((member) => member.does(fsPrepare))]
    return members.every((member) => this.#site.journal.step(`${round}/${half}/${member.id}`)?.state === 'done')
  }

  // Who was thawed by its deadman before the last cut was done.
  #expiredIn(round: string): string | undefined {
    const lastCut = Math.max(
      0,
      ...this.#cutMembers.map((member) => this.#site.journal.step(`${round}/cut/${member.id}`)?.ended_at ?? Infinity),
    )
    const expired = this.#ledger.of(round).filter((entry) => entry.expired && (entry.thawedAt ?? 0) <= lastCut)
    return expired.length === 0 ? undefined : expired.map((entry) => entry.instanceId).join(', ')
  }

  // The lease bounds the bracket from within, too: when it ends, what runs inside is told to stop.
  #scope(): { readonly signal: AbortSignal; readonly lease: Duration; release(): void } {
    const members = this.#members
    const hasDeadman = members.some(
      (member) => member.does(fsPrepare) && this.#operationOf(member, fsPrepare)?.kind === 'freeze',
    )
    const lease = this.#options.lease ?? (hasDeadman ? this.#site.lease : leaseWithoutDeadman)
    const expiry = new AbortController()
    const over = new AbortController()
    const nodes = members.filter((member) => member.does(fsPrepare)).map((member) => member.id)
    const expire = (): void => expiry.abort(fault('freeze.expired', { details: { nodes: nodes.join(', ') } }))
    if (nodes.length > 0) this.#site.world.clock.sleep(lease, over.signal).then(expire, () => {})
    return { signal: AbortSignal.any([this.#site.signal, expiry.signal]), lease, release: () => over.abort() }
  }

  async #freeze(round: string, signal: AbortSignal, lease: Duration): Promise<void> {
    for (const tier of this.#tiers) {
      const members = tier.members.filter((member) => member.does(fsPrepare))
      const request = { bracket: round, inputs: tier.inputs, lease, maximum: lease, signal }
      const visit = (member: Instance): Promise<void> =>
        this.#freezer.freeze(member, { ...request, deadman: deadmanOf(this.#site, member) })
      await this.#walk(members, 'dependents-first', visit, { signal })
    }
  }

  async #thaw(round: string): Promise<void> {
    const problems: Fault[] = []
    const touched = new Set(this.#ledger.of(round).map((entry) => entry.instanceId))
    const isWhole = this.#members.every((member) => touched.has(member.id) || !member.does(fsPrepare))
    for (const tier of this.#tiers.toReversed()) {
      // Members with a finalize of their own but nothing to prepare take part once everybody was prepared.
      const members = tier.members.filter(
        (member) => touched.has(member.id) || (isWhole && !member.does(fsPrepare) && member.does(fsFinalize)),
      )
      const request = { bracket: round, inputs: tier.inputs, signal: new AbortController().signal }
      const visit = (member: Instance): Promise<void> => this.#freezer.thaw(member, request)
      await this.#walk(members, 'dependencies-first', visit, { despiteFailures: true }).catch((thrown: unknown) =>
        problems.push(asFault(thrown)),
      )
    }
    if (problems[0]) throw problems[0]
  }

  async #cut(round: string, signal: AbortSignal): Promise<void> {
    const frozen = this.#ledger.of(round)
    const deadline = frozen.length === 0 ? undefined : Math.min(...frozen.map((entry) => entry.until))
    const doomed = new AbortController()
    const visit = async (member: Instance): Promise<void> => {
      try {
        await this.#cutOne(round, member, { signal, deadline })
      } catch (thrown) {
        // One failed cut makes the bracket worthless: begin no other, so that the thaw comes soon.
        doomed.abort()
        throw thrown
      }
    }
    await this.#walk(this.#cutMembers, this.#options.cut.order, visit, {
      signal: AbortSignal.any([signal, doomed.signal]),
    })
  }

  async #cutOne(
    round: string,
    member: Instance,
    limits: { readonly signal: AbortSignal; readonly deadline: number | undefined },
  ): Promise<void> {
    await this.#part(round, 'cut', member, {
      operation: this.#options.cut.operation,
      inputs: this.#options.cut.inputs,
      signal: limits.signal,
      deadline: () => limits.deadline,
      perform: async (operation, ctx, inputs) => {
        if (operation.kind === 'cut') return operation.cut(ctx, inputs)
        if (operation.kind === 'run') return (await operation.run(ctx, inputs)) ?? null
        throw fault('plan.unsupported', {
          details: { node: member.node.id, operation: this.#options.cut.operation, reason: 'is no snapshot operation' },
        })
      },
    })
  }

  async #settle(round: string): Promise<CutResults> {
    const { journal } = this.#site
    const results: Record<string, Json> = {}
    const receipt = (member: Instance): Json =>
      JSON.parse(journal.step(`${round}/cut/${member.id}`)?.result ?? 'null') as Json
    await this.#walk(
      this.#cutMembers,
      'none',
      async (member) => {
        const operation = this.#operationOf(member, this.#options.cut.operation)
        results[member.id] =
          operation?.kind === 'cut' ? await this.#settleOne(round, member, receipt(member)) : receipt(member)
      },
      { signal: this.#site.signal },
    )
    return results
  }

  #settleOne(round: string, member: Instance, receipt: Json): Promise<Json> {
    return this.#part(round, 'settle', member, {
      operation: this.#options.cut.operation,
      inputs: this.#options.cut.inputs,
      signal: this.#site.signal,
      perform: async (operation, ctx, inputs): Promise<Part | null> =>
        operation.kind === 'cut' ? operation.settle(ctx, receipt as unknown as Receipt, inputs) : null,
    })
  }

  async #part(round: string, half: 'cut' | 'settle' | 'undo', member: Instance, request: PartRequest): Promise<Json> {
    const planned = member.planned.operations[request.operation]
    if (!planned) return null
    const part = request.part ?? this.#options.cut.parts?.[member.id]
    const work = `${round}/part/${member.id}`
    const tell = this.#teller(round, half, member, `${this.#site.execution.id}/${work}`)
    return this.#runner.run({
      ...request,
      bracket: bracketViewOf(this.#site.journal, round),
      perform: async (operation, ctx, inputs) => {
        tell.begun(ctx)
        const result = await request.perform(operation, ctx, inputs)
        tell.done(result, operation)
        return result
      },
      onFailed: tell.failed,
      key: `${round}/${half}/${member.id}`,
      work,
      ...(part === undefined ? {} : { part }),
      member,
      planned,
      ...(half === 'settle' ? { half, title: null } : { title: request.operation }),
    })
  }

  // A call that was given up may still return: only what was under way is told to have ended.
  #teller(round: string, half: 'cut' | 'settle' | 'undo', member: Instance, key: string) {
    const moment = { instance: member.id, bracket: round, key }
    const { journal } = this.#site
    let isUnderWay = false
    return {
      begun(ctx: OperationContext): void {
        isUnderWay = true
        const { attempt, inDoubt } = ctx.operation
        if (half === 'cut') journal.trace({ type: 'cut.begun', ...moment, attempt, inDoubt })
        else journal.trace({ type: `${half}.begun`, ...moment })
      },
      done(result: Json, operation: PluginOperation): void {
        if (!isUnderWay) return
        isUnderWay = false
        const { providerId = null, consistency = null } = isJsonObject(result) ? result : {}
        const told = {
          cut: { providerId, consistency, isSettled: operation.kind !== 'cut' },
          settle: { providerId, consistency },
          undo: {},
        }
        journal.trace({ type: `${half}.done`, ...moment, ...told[half] })
      },
      failed({ code, effect }: Fault): void {
        if (!isUnderWay) return
        isUnderWay = false
        journal.trace({ type: `${half}.failed`, ...moment, code, ...(half === 'cut' ? { effect } : {}) })
      },
    }
  }

  // Takes back the cuts of a bracket that came to nothing: those that are there, and those that may be there.
  async #abandon(round: string): Promise<void> {
    const { journal } = this.#site
    const undo = this.#options.cut.undo
    if (undo !== undefined) {
      const members = this.#cutMembers.filter(
        (member) => member.does(undo) && mayBeThere(journal.step(`${round}/cut/${member.id}`)),
      )
      const perform: Perform = async (operation, ctx, inputs) =>
        operation.kind === 'run' ? ((await operation.run(ctx, inputs)) ?? null) : null
      const request = {
        operation: undo,
        inputs: this.#options.cut.inputs,
        signal: new AbortController().signal,
        perform,
      }
      await this.#walk(
        members,
        'none',
        async (member) => {
          const receipt = journal.step(`${round}/cut/${member.id}`)?.result
          const part = receipt ? { part: JSON.parse(receipt) as Json } : {}
          await this.#part(round, 'undo', member, { ...request, ...part })
        },
        { despiteFailures: true },
      ).catch((thrown: unknown) => {
        journal.event(logEvent('WARNING', `Not everything could be taken back: ${asFault(thrown).message}`))
      })
    }
    journal.done(abandonedKey(round), 1, null)
    journal.trace({ type: 'bracket.abandoned', bracket: round })
    await journal.flush()
    await this.#site.world.point?.('bracket.abandoned')
  }

  async #walk(
    members: readonly Member[],
    order: 'dependents-first' | 'dependencies-first' | 'none',
    visit: (member: Instance) => Promise<void>,
    control: { readonly signal?: AbortSignal; readonly despiteFailures?: boolean },
  ): Promise<void> {
    const plan = planWalk(this.#site.topology.instances, members, order)
    const outcome = await walk(plan, (id) => visit(this.#site.topology.get(id)), {
      window: this.#site.window,
      ...control,
    })
    const problem = failureOf(outcome)
    if (problem) throw problem
  }

  #operationOf(member: Instance, name: string): PluginOperation | undefined {
    const planned = member.planned.operations[name]
    return planned && this.#site.findOperation(planned.plugin, planned.operation)
  }
}

interface Tier {
  readonly inputs: JsonObject
  readonly members: readonly Instance[]
}

interface PartRequest {
  readonly part?: Json
  readonly operation: string
  readonly inputs: JsonObject
  readonly signal: AbortSignal
  readonly deadline?: () => number | undefined
  readonly perform: Perform
}

function mayBeThere(step: { readonly state: string; readonly fault: string | null } | undefined): boolean {
  if (!step) return false
  if (step.state !== 'failed') return true
  return !(step.fault ?? '').includes('"effect":"none"')
}

// Thaws one member of a round: finalize until it is seen to run again, then its deadman is disarmed, then the ledger
// forgets it. Goes on when the store is lost: a thaw is owed also then.
import type PQueue from 'p-queue'
import type { Instant } from '../kernel/duration.ts'
import { fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { DeadmanFinalize } from '../plugins/contract/deadman.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'
import { deadmanContext, deadmanOf, finalizeOf, finalizeWith } from './deadman-use.ts'
import { logEvent } from './events.ts'
import type { Ledger } from './ledger.ts'
import type { OperationRunner } from './operation-runner.ts'
import { fsFinalize } from './operations.ts'
import { bracketViewOf } from './round.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

export interface ThawRequest {
  /** The round. */
  readonly bracket: string
  /** Of the tier. */
  readonly inputs: JsonObject
  readonly signal: AbortSignal
}

/** Retries of a thaw when the run's own policy has fewer: it must not be given up at the first failure. */
const leastThawRetries = 3
/** Seconds. A thaw that hangs must not keep the others waiting for ever; scripts may take their time to start a service. */
const thawTimeout = 600

export interface ThawParts {
  readonly site: Site
  readonly runner: OperationRunner
  readonly ledger: Ledger
  readonly slots: PQueue | undefined
  /** True when a freeze of the member was given up and may still take effect. */
  mayStillFreeze(member: Instance): boolean
}

export class Thawer {
  readonly #parts: ThawParts
  /** What is under way: whoever asks again waits for that. */
  readonly #thawing = new Map<string, Promise<void>>()

  constructor(parts: ThawParts) {
    this.#parts = parts
  }

  thaw(member: Instance, request: ThawRequest): Promise<void> {
    const key = `${request.bracket}/${member.id}`
    const underWay = this.#thawing.get(key)
    if (underWay) return underWay
    const work = this.#thaw(member, request).finally(() => this.#thawing.delete(key))
    this.#thawing.set(key, work)
    return work
  }

  isThawing(member: Instance, bracket: string): boolean {
    return this.#thawing.has(`${bracket}/${member.id}`)
  }

  async #thaw(member: Instance, request: ThawRequest): Promise<void> {
    const { site } = this.#parts
    if (member.does(fsFinalize)) await this.#finalize(member, request)
    else await this.#letGo(member, request)
    this.#thawed(request.bracket, member, null)
    await site.journal.flush().catch(() => {})
  }

  async #finalize(member: Instance, { bracket, inputs, signal }: ThawRequest): Promise<void> {
    const { site, runner, slots } = this.#parts
    const planned = member.planned.operations[fsFinalize]
    if (!planned) return
    const retries = planned.maxRetries ?? site.retries.retries
    let hasBegun = false
    await runner.run({
      bracket: bracketViewOf(site.journal, bracket),
      ...(slots ? { slots } : {}),
      key: `${bracket}/thaw/${member.id}`,
      member,
      operation: fsFinalize,
      planned: {
        ...planned,
        maxRetries: retries < 0 ? retries : Math.max(retries, leastThawRetries),
        timeout: planned.timeout ?? thawTimeout,
        timeoutRecoverable: planned.timeout === null ? true : planned.timeoutRecoverable,
      },
      title: fsFinalize,
      inputs,
      signal,
      evenUnrecorded: true,
      perform: async (operation, ctx, given) => {
        this.#trace('thaw.begun', member, bracket, { attempt: ctx.operation.attempt })
        hasBegun = true
        const result = await thawWith(operation, ctx, given, member)
        // What fails from here on is the disarming.
        hasBegun = false
        await this.#running(member, bracket, ctx, finalizeWith(planned, given))
        return result
      },
      onFailed: ({ code }) => {
        if (hasBegun) this.#trace('thaw.failed', member, bracket, { code })
        hasBegun = false
      },
    })
  }

  // Nothing is there to be called: what was prepared needed no end, but its deadman does.
  async #letGo(member: Instance, { bracket, signal }: ThawRequest): Promise<void> {
    const { site, ledger } = this.#parts
    this.#trace('thaw.begun', member, bracket, { attempt: 1 })
    if (ledger.get(bracket, member.id)?.deadman) {
      const view = bracketViewOf(site.journal, bracket)
      await this.#running(member, bracket, await deadmanContext(site, member, { signal, bracket: view, what: 'thaw' }))
    } else {
      this.#trace('thaw.done', member, bracket, {})
    }
  }

  /** A freeze that was given up took effect after the round was thawed: the node is let go at once. */
  async takeBack(member: Instance, { bracket, inputs }: Pick<ThawRequest, 'bracket' | 'inputs'>): Promise<void> {
    const { site, ledger } = this.#parts
    const planned = member.planned.operations[fsFinalize]
    const operation = planned && site.findOperation(planned.plugin, planned.operation)
    const finalize = await finalizeOf(site, member, inputs)
    if (!operation || !finalize) return
    const view = bracketViewOf(site.journal, bracket)
    const { signal } = new AbortController()
    const ctx = await deadmanContext(site, member, { signal, bracket: view, what: 'late' })
    await thawWith(operation, ctx, finalize.inputs, member)
    const deadman = ledger.get(bracket, member.id)?.deadman
    if (deadman) await deadmanOf(site, member)?.disarm(ctx, deadman, finalize)
    const text = `The freeze of ${member.id} came after it had been given up, and was taken back`
    site.journal.event(logEvent('WARNING', text))
  }

  /** It was certainly never frozen: nothing is owed to it, whatever became of its thaw. */
  writeOff(member: Instance, bracket: string): void {
    this.#thawed(bracket, member, null)
  }

  // On disk not later than the step's outcome: nobody asks the deadman again after that.
  async #running(member: Instance, bracket: string, ctx: OperationContext, finalize?: DeadmanFinalize): Promise<void> {
    const { world } = this.#parts.site
    this.#trace('thaw.done', member, bracket, {})
    await world.point?.('thaw.effect')
    const firedAt = await this.#disarm(member, bracket, ctx, finalize)
    await world.point?.('thaw.disarmed')
    this.#thawed(bracket, member, firedAt)
  }

  #thawed(bracket: string, member: Instance, firedAt: Instant | null): void {
    const { site, ledger } = this.#parts
    const entry = ledger.get(bracket, member.id)
    if (!entry || entry.thawedAt !== null) return
    ledger.put({ ...entry, thawedAt: firedAt ?? site.world.clock.now(), expired: firedAt !== null })
  }

  async #disarm(
    member: Instance,
    bracket: string,
    ctx: OperationContext,
    finalize?: DeadmanFinalize,
  ): Promise<Instant | null> {
    const { site, ledger } = this.#parts
    const entry = ledger.get(bracket, member.id)
    const deadman = deadmanOf(site, member)
    if (!entry?.deadman || !deadman) return null
    if (this.#parts.mayStillFreeze(member)) {
      const text = `The freeze of ${member.id} never answered and may still come: its deadman stays armed`
      site.journal.event(logEvent('WARNING', text))
      return null
    }
    const { firedAt } = await deadman.disarm(ctx, entry.deadman, finalize)
    site.journal.trace({
      type: 'deadman.disarmed',
      instance: member.id,
      bracket,
      token: entry.token,
      firedAt,
    })
    return firedAt
  }

  // Members with a finalize of their own and nothing to prepare were never frozen.
  #trace(type: ThawMoment, member: Instance, bracket: string, fields: JsonObject): void {
    const { site, ledger } = this.#parts
    const entry = ledger.get(bracket, member.id)
    if (entry?.thawedAt === null) site.journal.trace({ type, instance: member.id, bracket, ...fields })
  }
}

type ThawMoment = 'thaw.begun' | 'thaw.done' | 'thaw.failed'

async function thawWith(
  operation: PluginOperation,
  ctx: OperationContext,
  inputs: JsonObject,
  member: Instance,
): Promise<Json> {
  if (operation.kind === 'thaw') return (await operation.thaw(ctx, inputs)) ?? null
  if (operation.kind === 'run') return (await operation.run(ctx, inputs)) ?? null
  throw fault('plan.unsupported', {
    details: { node: member.node.id, operation: fsFinalize, reason: 'is no thaw' },
  })
}

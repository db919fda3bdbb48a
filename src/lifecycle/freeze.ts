// Freezes and thaws one member of a bracket: ledger first, then the deadman, then the freeze; the deadman is disarmed
// only after the thaw was read back. Used by brackets, and by what thaws after them: nothing else may freeze.
import type PQueue from 'p-queue'
import type { Duration, Instant } from '../kernel/duration.ts'
import { fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { Deadman, DeadmanHandle } from '../plugins/contract/deadman.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'
import { deadmanContext, deadmanOf, finalizeOf } from './deadman-use.ts'
import { logEvent } from './events.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import type { OperationRequest, OperationRunner } from './operation-runner.ts'
import { fsFinalize, fsPrepare } from './operations.ts'
import { bracketViewOf } from './round.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

export interface FreezeRequest {
  /** The round. */
  readonly bracket: string
  readonly inputs: JsonObject
  readonly lease: Duration
  /** No extension may go beyond it; the lease itself when there are to be none. */
  readonly maximum: Duration
  /** null: there is nothing on the node that would thaw it. */
  readonly deadman: Deadman | null
  readonly signal: AbortSignal
}

export type ThawRequest = Pick<FreezeRequest, 'bracket' | 'inputs' | 'signal'>

/** Retries of a thaw when the run's own policy has fewer: it must not be given up at the first failure. */
const leastThawRetries = 3
/** Seconds. A thaw that hangs must not keep the others waiting for ever; scripts may take their time to start a service. */
const thawTimeout = 600

export class Freezer {
  readonly #site: Site
  readonly #runner: OperationRunner
  readonly #ledger: Ledger
  readonly #slots: PQueue | undefined
  /** Whose freeze was given up and may still take effect. */
  readonly #unanswered = new Set<string>()

  constructor(site: Site, runner: OperationRunner, ledger: Ledger, slots?: PQueue) {
    this.#site = site
    this.#runner = runner
    this.#ledger = ledger
    this.#slots = slots
  }

  async freeze(member: Instance, request: FreezeRequest): Promise<void> {
    const planned = member.planned.operations[fsPrepare]
    if (!planned || !member.does(fsPrepare)) return
    const now = this.#site.world.clock.now()
    this.#ledger.put({
      instanceId: member.id,
      bracket: request.bracket,
      token: this.#site.world.newId(),
      frozenAt: now,
      until: now + request.lease,
      deadman: null,
      inputs: request.inputs,
      thawedAt: null,
      expired: false,
      nodeId: member.node.id,
      deploymentId: this.#site.deployment.id,
      kind: 'none',
      seenFrozenAt: null,
    })
    let hasBegun = false
    const begin = (): void => void (hasBegun = true)
    await this.#runner.run({
      ...this.#common(request.bracket),
      key: `${request.bracket}/freeze/${member.id}`,
      member,
      operation: fsPrepare,
      planned,
      title: fsPrepare,
      inputs: request.inputs,
      deadline: () => now + request.lease,
      signal: request.signal,
      perform: (operation, ctx, inputs) => this.#performFreeze(operation, { ctx, inputs, member, request, begin }),
      onFailed: ({ code, effect }) => {
        const { token } = this.#entry(request.bracket, member)
        if (hasBegun) this.#trace('freeze.failed', member, request.bracket, { token, code, effect })
        hasBegun = false
      },
    })
  }

  async #performFreeze(operation: PluginOperation, attempt: FreezeAttempt): Promise<Json> {
    const { ctx, member, request } = attempt
    if (operation.kind !== 'run' && operation.kind !== 'freeze') throw wrongKind(member, fsPrepare, 'is no freeze')
    const { token, until } = this.#entry(request.bracket, member)
    const kind = request.deadman?.kind ?? 'none'
    this.#trace('ledger.written', member, request.bracket, { token, until, kind })
    await this.#site.world.point?.('freeze.entered')
    if (request.deadman) await this.#arm(request.deadman, attempt)
    // Given up meanwhile: whoever thaws must not meet a freeze that comes after it.
    ctx.signal.throwIfAborted()
    this.#trace('freeze.begun', member, request.bracket, { token, attempt: ctx.operation.attempt })
    attempt.begin()
    this.#unanswered.add(member.id)
    let result: Json
    try {
      result = await freezeWith(operation, ctx, attempt.inputs)
    } finally {
      this.#unanswered.delete(member.id)
    }
    const entry = this.#entry(request.bracket, member)
    if (entry.thawedAt !== null) {
      await this.#takeBack(member, request)
      return result
    }
    this.#trace('freeze.done', member, request.bracket, { token })
    this.#ledger.put({ ...entry, seenFrozenAt: this.#site.world.clock.now() })
    return result
  }

  // It was given up, the round was thawed, and now it took effect after all.
  async #takeBack(member: Instance, { bracket, inputs }: FreezeRequest): Promise<void> {
    const planned = member.planned.operations[fsFinalize]
    const operation = planned && this.#site.findOperation(planned.plugin, planned.operation)
    const finalize = await finalizeOf(this.#site, member, inputs)
    if (!operation || !finalize) return
    const view = bracketViewOf(this.#site.journal, bracket)
    const { signal } = new AbortController()
    const ctx = await deadmanContext(this.#site, member, { signal, bracket: view, what: 'late' })
    await thawWith(operation, ctx, finalize.inputs, member)
    const { deadman } = this.#entry(bracket, member)
    if (deadman) await deadmanOf(this.#site, member)?.disarm(ctx, deadman)
    const text = `The freeze of ${member.id} came after it had been given up, and was taken back`
    this.#site.journal.event(logEvent('WARNING', text))
  }

  async #arm(deadman: Deadman, { ctx, member, request }: FreezeAttempt): Promise<void> {
    const { lease, maximum, bracket } = request
    const entry = this.#entry(bracket, member)
    const finalize = await finalizeOf(this.#site, member, request.inputs)
    const handle = await deadman.arm(ctx, {
      token: entry.token,
      lease,
      ...(maximum > lease ? { maximum } : {}),
      ...(finalize ? { finalize } : {}),
    })
    if (ctx.signal.aborted) {
      await deadman.disarm(ctx, handle)
      return
    }
    const { kind } = deadman
    this.#trace('deadman.armed', member, bracket, { token: entry.token, kind, lease, maximum })
    await this.#site.world.point?.('freeze.armed')
    const frozenAt = this.#site.world.clock.now()
    const until = frozenAt + lease
    this.#ledger.put({ ...entry, deadman: handle, kind, frozenAt, until })
    await this.#site.journal.flush()
    this.#trace('ledger.written', member, bracket, { token: entry.token, until, kind })
    await this.#site.world.point?.('freeze.handled')
    // A second attempt must not leave the first one's deadman behind; the new one is armed by now.
    if (entry.deadman) {
      const { firedAt } = await deadman.disarm(ctx, entry.deadman)
      this.#trace('deadman.disarmed', member, bracket, { token: entry.token, firedAt })
    }
  }

  /** Lets the lease of a frozen member begin anew, within the maximum it was armed with. Tells until when. */
  async extend(member: Instance, request: FreezeRequest): Promise<Instant> {
    const { deadman, bracket } = request
    const entry = this.#entry(bracket, member)
    if (!deadman?.extend || !entry.deadman) return entry.until
    const left = entry.frozenAt + request.maximum - this.#site.world.clock.now()
    const lease = Math.min(request.lease, left)
    const view = bracketViewOf(this.#site.journal, bracket)
    const ctx = await deadmanContext(this.#site, member, { signal: request.signal, bracket: view, what: 'extend' })
    const handle: DeadmanHandle = await deadman.extend(ctx, entry.deadman, lease)
    const until = this.#site.world.clock.now() + lease
    this.#trace('deadman.extended', member, bracket, { token: entry.token, until })
    await this.#site.world.point?.('freeze.extended')
    const current = this.#entry(bracket, member)
    if (current.thawedAt !== null) return current.until
    this.#ledger.put({ ...current, deadman: handle, until })
    await this.#site.journal.flush()
    this.#trace('ledger.written', member, bracket, { token: entry.token, until, kind: current.kind })
    return until
  }

  /** Resolves when the member was seen to run again and its deadman is gone. Also for members that were never frozen. */
  async thaw(member: Instance, request: ThawRequest): Promise<void> {
    const { bracket } = request
    const planned = member.planned.operations[fsFinalize]
    if (planned && member.does(fsFinalize)) {
      const retries = planned.maxRetries ?? this.#site.retries.retries
      let hasBegun = false
      await this.#runner.run({
        ...this.#common(bracket),
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
        inputs: request.inputs,
        signal: request.signal,
        evenUnrecorded: true,
        perform: async (operation, ctx, inputs) => {
          this.#traceThaw('thaw.begun', member, bracket, { attempt: ctx.operation.attempt })
          hasBegun = true
          const result = await thawWith(operation, ctx, inputs, member)
          await this.#running(member, bracket, ctx)
          return result
        },
        onFailed: ({ code }) => {
          if (hasBegun) this.#traceThaw('thaw.failed', member, bracket, { code })
          hasBegun = false
        },
      })
    } else {
      this.#traceThaw('thaw.begun', member, bracket, { attempt: 1 })
      this.#traceThaw('thaw.done', member, bracket, {})
    }
    this.#thawed(bracket, member, null)
    await this.#site.journal.flush().catch(() => {})
  }

  // On disk not later than the step's outcome: nobody asks the deadman again after that.
  async #running(member: Instance, bracket: string, ctx: OperationContext): Promise<void> {
    this.#traceThaw('thaw.done', member, bracket, {})
    await this.#site.world.point?.('thaw.effect')
    const firedAt = await this.#disarm(member, bracket, ctx)
    await this.#site.world.point?.('thaw.disarmed')
    this.#thawed(bracket, member, firedAt)
  }

  #thawed(bracket: string, member: Instance, firedAt: Instant | null): void {
    const entry = this.#ledger.get(bracket, member.id)
    if (!entry || entry.thawedAt !== null) return
    this.#ledger.put({ ...entry, thawedAt: firedAt ?? this.#site.world.clock.now(), expired: firedAt !== null })
  }

  async #disarm(member: Instance, bracket: string, ctx: OperationContext): Promise<Instant | null> {
    const entry = this.#ledger.get(bracket, member.id)
    const deadman = deadmanOf(this.#site, member)
    if (!entry?.deadman || !deadman) return null
    if (this.#unanswered.has(member.id)) {
      const text = `The freeze of ${member.id} never answered and may still come: its deadman stays armed`
      this.#site.journal.event(logEvent('WARNING', text))
      return null
    }
    const { firedAt } = await deadman.disarm(ctx, entry.deadman)
    this.#trace('deadman.disarmed', member, bracket, { token: entry.token, firedAt })
    return firedAt
  }

  #common(bracket: string): Pick<OperationRequest, 'bracket' | 'slots'> {
    const view = bracketViewOf(this.#site.journal, bracket)
    return { bracket: view, ...(this.#slots ? { slots: this.#slots } : {}) }
  }

  #trace(type: FreezeMoment, member: Instance, bracket: string, fields: JsonObject): void {
    this.#site.journal.trace({ type, instance: member.id, bracket, ...fields })
  }

  // Members with a finalize of their own and nothing to prepare were never frozen.
  #traceThaw(type: ThawMoment, member: Instance, bracket: string, fields: JsonObject): void {
    const entry = this.#ledger.get(bracket, member.id)
    if (entry?.thawedAt === null) this.#site.journal.trace({ type, instance: member.id, bracket, ...fields })
  }

  #entry(bracket: string, member: Instance): LedgerEntry {
    const entry = this.#ledger.get(bracket, member.id)
    if (!entry) throw wrongKind(member, fsPrepare, 'has no ledger entry')
    return entry
  }
}

type ThawMoment = 'thaw.begun' | 'thaw.done' | 'thaw.failed'
type FreezeMoment =
  | 'ledger.written'
  | 'deadman.armed'
  | 'deadman.extended'
  | 'deadman.disarmed'
  | 'freeze.begun'
  | 'freeze.done'
  | 'freeze.failed'

interface FreezeAttempt {
  readonly ctx: OperationContext
  readonly inputs: JsonObject
  readonly member: Instance
  readonly request: FreezeRequest
  begin(): void
}

type FreezeLike = Extract<PluginOperation, { readonly kind: 'freeze' | 'run' }>

async function freezeWith(operation: FreezeLike, ctx: OperationContext, inputs: JsonObject): Promise<Json> {
  return (await (operation.kind === 'freeze' ? operation.freeze(ctx, inputs) : operation.run(ctx, inputs))) ?? null
}

async function thawWith(
  operation: PluginOperation,
  ctx: OperationContext,
  inputs: JsonObject,
  member: Instance,
): Promise<Json> {
  if (operation.kind === 'thaw') return (await operation.thaw(ctx, inputs)) ?? null
  if (operation.kind === 'run') return (await operation.run(ctx, inputs)) ?? null
  throw wrongKind(member, fsFinalize, 'is no thaw')
}

function wrongKind(member: Instance, operation: string, reason: string): Error {
  return fault('plan.unsupported', { details: { node: member.node.id, operation, reason } })
}

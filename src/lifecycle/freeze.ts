// Freezes and thaws one member of a bracket: ledger first, then the deadman, then the freeze; the deadman is disarmed
// only after the thaw was read back. Used by brackets, and by what thaws after them: nothing else may freeze.
import type PQueue from 'p-queue'
import type { Duration, Instant } from '../kernel/duration.ts'
import { fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { Deadman, DeadmanHandle } from '../plugins/contract/deadman.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'
import { deadmanContext, finalizeOf } from './deadman-use.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import type { OperationRequest, OperationRunner } from './operation-runner.ts'
import { fsPrepare } from './operations.ts'
import { bracketViewOf } from './round.ts'
import type { Site } from './site.ts'
import { Thawer, type ThawRequest } from './thaw.ts'
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

export class Freezer {
  readonly #site: Site
  readonly #runner: OperationRunner
  readonly #ledger: Ledger
  readonly #slots: PQueue | undefined
  readonly #thawer: Thawer
  /** Calls of freezes that have not answered, also of those that were given up: instance id -> how many. */
  readonly #unanswered = new Map<string, number>()
  /** When each deadman's clock may have begun. */
  readonly #armedAt = new Map<string, Instant>()
  /** When each lease ends, on the clock that nobody sets. */
  readonly #leaseEnds = new Map<string, Duration>()

  constructor(site: Site, runner: OperationRunner, ledger: Ledger, slots?: PQueue) {
    this.#site = site
    this.#runner = runner
    this.#ledger = ledger
    this.#slots = slots
    const mayStillFreeze = ({ id }: Instance): boolean => (this.#unanswered.get(id) ?? 0) > 0
    this.#thawer = new Thawer({ site, runner, ledger, slots, mayStillFreeze })
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
    this.#count(member, 1)
    let result: Json
    try {
      result = await freezeWith(operation, ctx, attempt.inputs)
    } finally {
      this.#count(member, -1)
    }
    const entry = this.#entry(request.bracket, member)
    if (entry.thawedAt !== null) {
      await this.#thawer.takeBack(member, request)
      return result
    }
    this.#trace('freeze.done', member, request.bracket, { token })
    this.#ledger.put({ ...entry, seenFrozenAt: this.#site.world.clock.now() })
    return result
  }

  #count(member: Instance, more: number): void {
    this.#unanswered.set(member.id, (this.#unanswered.get(member.id) ?? 0) + more)
  }

  async #arm(deadman: Deadman, { ctx, member, request }: FreezeAttempt): Promise<void> {
    const { lease, maximum, bracket } = request
    const entry = this.#entry(bracket, member)
    const finalize = await finalizeOf(this.#site, member, request.inputs)
    const { clock } = this.#site.world
    this.#armedAt.set(member.id, clock.now())
    this.#leaseEnds.set(member.id, clock.monotonic() + lease)
    const handle = await deadman.arm(ctx, {
      token: entry.token,
      lease,
      ...(maximum > lease ? { maximum } : {}),
      ...(finalize ? { finalize } : {}),
    })
    if (ctx.signal.aborted) {
      await deadman.disarm(ctx, handle, finalize)
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
      const { firedAt } = await deadman.disarm(ctx, entry.deadman, finalize)
      this.#trace('deadman.disarmed', member, bracket, { token: entry.token, firedAt })
    }
  }

  /** Lets the lease of a frozen member begin anew, within the maximum it was armed with. Tells whether that was the last time. */
  async extend(member: Instance, request: FreezeRequest): Promise<{ readonly isLast: boolean }> {
    const { deadman, bracket } = request
    const { clock } = this.#site.world
    const entry = this.#entry(bracket, member)
    const left = (this.#armedAt.get(member.id) ?? entry.frozenAt) + request.maximum - clock.now()
    const lease = Math.min(request.lease, left)
    if (!deadman?.extend || !entry.deadman || lease <= 0) return { isLast: true }
    const view = bracketViewOf(this.#site.journal, bracket)
    const ctx = await deadmanContext(this.#site, member, { signal: request.signal, bracket: view, what: 'extend' })
    const finalize = await finalizeOf(this.#site, member, request.inputs)
    const [begun, end] = [clock.now(), clock.monotonic() + lease]
    const handle: DeadmanHandle = await deadman.extend(ctx, entry.deadman, lease, finalize)
    this.#leaseEnds.set(member.id, end)
    const until = begun + lease
    this.#trace('deadman.extended', member, bracket, { token: entry.token, until })
    await this.#site.world.point?.('freeze.extended')
    const current = this.#entry(bracket, member)
    if (current.thawedAt === null) {
      this.#ledger.put({ ...current, deadman: handle, until })
      await this.#site.journal.flush()
      this.#trace('ledger.written', member, bracket, { token: entry.token, until, kind: current.kind })
    }
    return { isLast: lease < request.lease }
  }

  /** When the lease of the member's deadman ends, on the clock that nobody sets; undefined when none was armed. */
  leaseEnd(member: Instance): Duration | undefined {
    return this.#leaseEnds.get(member.id)
  }

  /** Its thaw is about to be called before the cuts are through: from now on it is not known to stand still. */
  letGo(member: Instance, bracket: string): void {
    const entry = this.#entry(bracket, member)
    this.#ledger.put({ ...entry, until: Math.min(entry.until, this.#site.world.clock.now()) })
  }

  /** Resolves when the member was seen to run again and its deadman is gone. Also for members that were never frozen. */
  thaw(member: Instance, request: ThawRequest): Promise<void> {
    return this.#thawer.thaw(member, request)
  }

  /** True while a thaw of the member is under way. */
  isThawing(member: Instance, bracket: string): boolean {
    return this.#thawer.isThawing(member, bracket)
  }

  /** After a thaw that failed: the freeze certainly had no effect, so that nothing is owed. */
  writeOff(member: Instance, bracket: string): void {
    this.#thawer.writeOff(member, bracket)
  }

  #common(bracket: string): Pick<OperationRequest, 'bracket' | 'slots'> {
    const view = bracketViewOf(this.#site.journal, bracket)
    return { bracket: view, ...(this.#slots ? { slots: this.#slots } : {}) }
  }

  #trace(type: FreezeMoment, member: Instance, bracket: string, fields: JsonObject): void {
    this.#site.journal.trace({ type, instance: member.id, bracket, ...fields })
  }

  #entry(bracket: string, member: Instance): LedgerEntry {
    const entry = this.#ledger.get(bracket, member.id)
    if (!entry) throw wrongKind(member, fsPrepare, 'has no ledger entry')
    return entry
  }
}

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

function wrongKind(member: Instance, operation: string, reason: string): Error {
  return fault('plan.unsupported', { details: { node: member.node.id, operation, reason } })
}

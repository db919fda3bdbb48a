// Freezes and thaws one member of a bracket: ledger first, then the deadman, then the freeze; the deadman is disarmed
// only after the thaw was read back. Used by the bracket alone: nothing else may freeze.
import type { Duration } from '../kernel/duration.ts'
import { fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import type { OperationRunner } from './operation-runner.ts'
import { fsFinalize, fsPrepare } from './operations.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

export interface FreezeRequest {
  readonly bracket: string
  readonly inputs: JsonObject
  readonly lease: Duration
  readonly signal: AbortSignal
}

/** Retries of a thaw when the run's own policy has fewer: it must not be given up at the first failure. */
const leastThawRetries = 3
/** Seconds. A thaw that hangs must not keep the others waiting for ever; scripts may take their time to start a service. */
const thawTimeout = 600

export class Freezer {
  readonly #site: Site
  readonly #runner: OperationRunner
  readonly #ledger: Ledger

  constructor(site: Site, runner: OperationRunner, ledger: Ledger) {
    this.#site = site
    this.#runner = runner
    this.#ledger = ledger
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
    await this.#runner.run({
      key: `${request.bracket}/freeze/${member.id}`,
      member,
      operation: fsPrepare,
      planned,
      title: fsPrepare,
      inputs: request.inputs,
      deadline: now + request.lease,
      signal: request.signal,
      perform: (operation, ctx, inputs) => this.#performFreeze(operation, ctx, inputs, member, request),
    })
  }

  async #performFreeze(
    operation: PluginOperation,
    ctx: OperationContext,
    inputs: JsonObject,
    member: Instance,
    request: FreezeRequest,
  ): Promise<Json> {
    if (operation.kind === 'run') return (await operation.run(ctx, inputs)) ?? null
    if (operation.kind !== 'freeze') throw wrongKind(member, fsPrepare, 'is no freeze')
    const entry = this.#entry(request.bracket, member)
    if (operation.deadman === null) return (await operation.freeze(ctx, inputs)) ?? null
    const deadman = await operation.deadman.arm(ctx, { token: entry.token, lease: request.lease })
    const frozenAt = this.#site.world.clock.now()
    this.#ledger.put({ ...entry, deadman, kind: operation.deadman.kind, frozenAt, until: frozenAt + request.lease })
    await this.#site.journal.flush()
    // A second attempt must not leave the first one's deadman behind; the new one is armed by now.
    if (entry.deadman) await operation.deadman.disarm(ctx, entry.deadman)
    return (await operation.freeze(ctx, inputs)) ?? null
  }

  /** Resolves when the member was seen to run again and its deadman is gone. Also for members that were never frozen. */
  async thaw(member: Instance, request: Omit<FreezeRequest, 'lease'>): Promise<void> {
    const entry = this.#ledger.get(request.bracket, member.id)
    const planned = member.planned.operations[fsFinalize]
    if (planned && member.does(fsFinalize)) {
      const retries = planned.maxRetries ?? this.#site.retries.retries
      await this.#runner.run({
        key: `${request.bracket}/thaw/${member.id}`,
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
          const result = await performThaw(operation, ctx, inputs, member)
          // On disk not later than the step's outcome: nobody asks the deadman again after that.
          this.#thawed(request.bracket, member, entry?.deadman ? await this.#disarm(member, ctx, entry) : null)
          return result
        },
      })
    }
    this.#thawed(request.bracket, member, null)
    await this.#site.journal.flush().catch(() => {})
  }

  #thawed(bracket: string, member: Instance, firedAt: number | null): void {
    const entry = this.#ledger.get(bracket, member.id)
    if (!entry || entry.thawedAt !== null) return
    this.#ledger.put({ ...entry, thawedAt: firedAt ?? this.#site.world.clock.now(), expired: firedAt !== null })
  }

  async #disarm(member: Instance, ctx: OperationContext, entry: LedgerEntry): Promise<number | null> {
    const planned = member.planned.operations[fsPrepare]
    const operation = planned && this.#site.findOperation(planned.plugin, planned.operation)
    if (operation?.kind !== 'freeze' || !operation.deadman || !entry.deadman) return null
    return (await operation.deadman.disarm(ctx, entry.deadman)).firedAt
  }

  #entry(bracket: string, member: Instance): LedgerEntry {
    const entry = this.#ledger.get(bracket, member.id)
    if (!entry) throw wrongKind(member, fsPrepare, 'has no ledger entry')
    return entry
  }
}

async function performThaw(
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

// How the lifecycle reaches the deadman of a node: which one it has, what it can do there, what it is told to run.
import type { PlannedOperation } from '../blueprint/plan.ts'
import type { Duration } from '../kernel/duration.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { Deadman, DeadmanFinalize, DeadmanProbe } from '../plugins/contract/deadman.ts'
import { lookContext } from './look-context.ts'
import { operationInputs } from './operation-inputs.ts'
import { fsFinalize, fsPrepare } from './operations.ts'
import { pluginFailure } from './plugin-failure.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'
import { withLimits } from './with-limits.ts'

/** A look at a node that takes longer than this is no look. */
const probeTimeout: Duration = 60_000

/** The deadman that comes with the node's fs_prepare; null when it brings none. */
export function deadmanOf(site: Site, member: Instance): Deadman | null {
  const planned = member.planned.operations[fsPrepare]
  const operation = planned && site.findOperation(planned.plugin, planned.operation)
  return operation?.kind === 'freeze' || operation?.kind === 'run' ? (operation.deadman ?? null) : null
}

export interface DeadmanQuestion {
  /** Of the tier: given to fs_finalize. */
  readonly inputs: JsonObject
  readonly signal: AbortSignal
  readonly bracket?: NonNullable<OperationContext['bracket']>
}

/** What would thaw the node without us, found out without changing anything. */
export async function probeDeadman(site: Site, member: Instance, question: DeadmanQuestion): Promise<DeadmanProbe> {
  const deadman = deadmanOf(site, member)
  if (!deadman) return { kind: 'none', longestHold: null, reason: 'its fs_prepare comes without a deadman' }
  if (!deadman.probe) return { kind: deadman.kind, longestHold: deadman.longestHold ?? null, reason: null }
  const finalize = await finalizeOf(site, member, question.inputs)
  const planned = member.planned.operations[fsPrepare]
  const limits = {
    world: site.world,
    signal: question.signal,
    operation: fsPrepare,
    timeout: probeTimeout,
    isTimeoutRecoverable: false,
  }
  return withLimits(limits, async (signal) => {
    const ctx = await deadmanContext(site, member, { ...question, signal, what: 'probe' })
    return Promise.resolve(deadman.probe?.(ctx, finalize) as Promise<DeadmanProbe>).catch((thrown: unknown) => {
      throw pluginFailure(thrown, planned?.plugin ?? '', planned?.operation ?? '')
    })
  })
}

/** The node's own fs_finalize as a deadman may run it; undefined when it does none. */
export async function finalizeOf(
  site: Site,
  member: Instance,
  inputs: JsonObject,
): Promise<DeadmanFinalize | undefined> {
  const planned = member.planned.operations[fsFinalize]
  if (!planned || !member.does(fsFinalize)) return undefined
  const operation = site.findOperation(planned.plugin, planned.operation) ?? {}
  return finalizeWith(
    planned,
    await operationInputs(site, { member, operation: fsFinalize, planned, inputs }, operation),
  )
}

/** The same with inputs whose functions are evaluated already. */
export function finalizeWith(
  { plugin, operation, executor }: Pick<PlannedOperation, 'plugin' | 'operation' | 'executor'>,
  inputs: JsonObject,
): DeadmanFinalize {
  return { plugin, operation, inputs, ...(executor === null ? {} : { executor }) }
}

/** What a deadman is given where no step of the journal stands behind the call. */
export function deadmanContext(
  site: Site,
  member: Instance,
  { signal, bracket, what }: Pick<DeadmanQuestion, 'signal' | 'bracket'> & { readonly what: string },
): Promise<OperationContext> {
  const key = `${site.execution.id}/${bracket?.name ?? ''}/${what}/${member.id}`
  const executor = member.planned.operations[fsPrepare]?.executor ?? null
  return lookContext(site, member, { operation: fsPrepare, key, signal, executor, bracket })
}

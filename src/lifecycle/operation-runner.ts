// Runs one operation on one instance as a durable step: intent on disk, attempt, outcome on disk, retry where allowed.
import type PQueue from 'p-queue'
import type { PlannedOperation } from '../blueprint/plan.ts'
import { asFault, fault, withEffect, type Fault } from '../kernel/fault.ts'
import type { Instant } from '../kernel/duration.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'
import { logEvent, nodeEvent, retrySuffix, taskEvent, type EventSubject } from './events.ts'
import { operationContext, storeInstance, type ContextRequest } from './operation-context.ts'
import { operationInputs } from './operation-inputs.ts'
import { pluginFailure } from './plugin-failure.ts'
import { keepingDoubt, onceDoubtIsSettled } from './in-doubt.ts'
import { plainResult } from './plain-result.ts'
import { decideRetry, type RetryPolicy } from './retry.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'
import { abortFault, withLimits } from './with-limits.ts'

/** What is done with the plugin's operation once its turn has come. */
export type Perform = (operation: PluginOperation, ctx: OperationContext, inputs: JsonObject) => Promise<Json>

export interface OperationRequest {
  /** The step's key; unique within the execution. */
  readonly key: string
  /** Which half of an operation in two halves this is, or its read-back or comparison; shown behind the task's name. */
  readonly half?: 'settle' | 'verify' | 'compare'
  /** Names the piece of work for the plugin, when several steps (cut and settle) belong to one. Default: the step's key. */
  readonly work?: string
  /** What the catalog holds of the instance: for operations on a part of a recovery point. */
  readonly part?: Json
  readonly member: Instance
  /** Full name. */
  readonly operation: string
  readonly planned: PlannedOperation
  readonly perform: Perform
  /** Win over the planned inputs of the same name. */
  readonly inputs: JsonObject
  /** Name in `Starting to X` and `Done X`; null: no such events. */
  readonly title: string | null
  readonly relationship?: NonNullable<ContextRequest['relationship']>
  /** The bracket that the operation belongs to, as the plugin is told. */
  readonly bracket?: NonNullable<ContextRequest['bracket']>
  /** Where its attempts take their turn; default: the site's slots. */
  readonly slots?: PQueue
  /** No attempt begins after it. */
  readonly deadline?: (() => Instant | undefined) | undefined
  readonly signal: AbortSignal
  /** Called with each attempt's failure, before it is recorded. */
  readonly onFailed?: (problem: Fault) => void
  /** Changes nothing outside: is told of only when it fails. */
  readonly isRead?: boolean
  /** Go on when the store is lost: a thaw is owed also then. */
  readonly evenUnrecorded?: boolean
}

export class OperationRunner {
  readonly #site: Site

  constructor(site: Site) {
    this.#site = site
  }

  async run(request: OperationRequest): Promise<Json> {
    const earlier = this.#site.journal.step(request.key)
    if (earlier?.state === 'done') return earlier.result === null ? null : (JSON.parse(earlier.result) as Json)
    const operation = this.#find(request)
    const policy = this.#policyFor(request.planned)
    const first = (earlier?.attempt ?? 0) + 1
    let inDoubt = earlier?.state === 'intent' || (earlier?.fault?.includes('"effect":"unknown"') ?? false)
    for (let attempt = first; ; attempt++) {
      const tries = attempt - first + 1
      const outcome = await this.#attempt(request, operation, { attempt, tries, inDoubt, policy })
      if (outcome.ok) return outcome.result
      const { problem } = outcome
      inDoubt ||= problem.effect === 'unknown'
      const decision = decideRetry(policy, problem, {
        attempt: tries,
        now: this.#site.world.clock.now(),
        deadline: request.deadline?.(),
      })
      if (!decision.again || request.signal.aborted) throw problem
      await this.#site.world.clock.sleep(decision.after, request.signal).catch(() => {
        throw notBegun(request.signal)
      })
    }
  }

  async #attempt(request: OperationRequest, operation: PluginOperation, state: AttemptInfo): Promise<AttemptOutcome> {
    const { journal } = this.#site
    const subject = subjectOf(request)
    const name = taskName(request)
    const suffix = retrySuffix(state.tries, state.policy.retries)
    if (request.signal.aborted) throw notBegun(request.signal)
    if (state.tries === 1 && request.title !== null)
      journal.event(nodeEvent(request.member.id, `Starting to ${request.title}`))
    if (!request.isRead) journal.event(taskEvent('sending_task', subject, `Sending task '${name}'${suffix}`))
    journal.intent(request.key, state.attempt)
    await this.#record(request)
    await this.#site.world.point?.('step.intended')
    let result: Json
    try {
      const slots = request.slots ?? this.#site.slots
      const returned = await slots.add(() => this.#perform(request, operation, state, subject, suffix))
      await this.#site.world.point?.('step.effect')
      result = plainResult(returned, request.operation)
      storeInstance(this.#site, request.member)
    } catch (thrown) {
      return { ok: false, problem: await this.#fail(request, state, asFault(thrown), subject, suffix) }
    }
    const shown = shownResult(operation, result)
    if (!request.isRead)
      journal.event(taskEvent('task_succeeded', subject, `Task succeeded '${name}'${shown}${suffix}`))
    if (request.title !== null) journal.event(nodeEvent(request.member.id, `Done ${request.title}`))
    journal.done(request.key, state.attempt, result)
    await this.#record(request)
    await this.#site.world.point?.('step.recorded')
    return { ok: true, result }
  }

  async #fail(
    request: OperationRequest,
    state: AttemptInfo,
    problem: Fault,
    subject: EventSubject,
    suffix: string,
  ): Promise<Fault> {
    const { journal } = this.#site
    const [kind, verb] = isReschedule(problem) ? ['task_rescheduled', 'rescheduled'] : ['task_failed', 'failed']
    request.onFailed?.(problem)
    journal.event(taskEvent(kind, subject, `Task ${verb} '${taskName(request)}' -> ${problem.message}${suffix}`))
    journal.failed(request.key, state.attempt, keepingDoubt(problem, state.inDoubt))
    try {
      storeInstance(this.#site, request.member)
    } catch (thrown) {
      journal.event(logEvent('WARNING', asFault(thrown).message, subject))
    }
    await this.#record(request)
    await this.#site.world.point?.('step.recorded')
    return problem
  }

  async #record(request: OperationRequest): Promise<void> {
    const flushed = this.#site.journal.flush()
    await (request.evenUnrecorded ? flushed.catch(() => {}) : flushed)
  }

  async #perform(
    request: OperationRequest,
    operation: PluginOperation,
    state: AttemptInfo,
    subject: EventSubject,
    suffix: string,
  ): Promise<Json> {
    if (request.signal.aborted) throw notBegun(request.signal)
    if (!request.isRead)
      this.#site.journal.event(taskEvent('task_started', subject, `Task started '${taskName(request)}'${suffix}`))
    const { planned, member } = request
    const limits = {
      world: this.#site.world,
      signal: request.signal,
      operation: request.operation,
      timeout: planned.timeout === null ? null : planned.timeout * 1000,
      isTimeoutRecoverable: planned.timeoutRecoverable ?? false,
    }
    return withLimits(limits, async (signal) => {
      let hasMade = false
      const ctx = await operationContext(this.#site, {
        member,
        plugin: planned.plugin,
        operation: {
          name: request.operation,
          key: `${this.#site.execution.id}/${request.work ?? request.key}`,
          attempt: state.attempt,
          maxAttempts: state.policy.retries < 0 ? -1 : state.policy.retries + 1,
          inDoubt: state.inDoubt,
          ...(planned.executor === null ? {} : { executor: planned.executor }),
        },
        signal,
        subject,
        onMade: () => (hasMade = true),
        ...(request.relationship ? { relationship: request.relationship } : {}),
        ...(request.bracket ? { bracket: request.bracket } : {}),
        ...(request.part === undefined ? {} : { part: request.part }),
      })
      const inputs = await operationInputs(this.#site, request, operation)
      // Cancelled while it was made ready: nothing begins any more.
      if (request.signal.aborted) throw notBegun(request.signal)
      const perform = (): Promise<Json> => request.perform(operation, ctx, inputs)
      // Reading again does no harm, and a thaw is owed whatever is known of the last one.
      const mayRepeat = request.half !== undefined || request.isRead === true || request.evenUnrecorded === true
      const attempt = mayRepeat ? perform() : onceDoubtIsSettled(operation, ctx, inputs, { step: request.key, perform })
      return attempt.catch((thrown: unknown) => {
        const problem = pluginFailure(thrown, planned.plugin, planned.operation)
        const { cause } = problem
        if (problem !== thrown && cause instanceof Error && !signal.aborted) {
          this.#site.journal.event(logEvent('DEBUG', cause.stack ?? cause.message, subject))
        }
        // What this attempt made is there, although the call that failed changed nothing.
        throw hasMade && problem.effect === 'none' ? withEffect(problem, 'unknown') : problem
      })
    })
  }

  #find(request: OperationRequest): PluginOperation {
    const { plugin, operation } = request.planned
    const found = this.#site.findOperation(plugin, operation)
    if (found) return found
    const details = {
      node: request.member.node.id,
      operation: request.operation,
      implementation: `${plugin}.${operation}`,
    }
    throw fault('plan.no_plugin', { details })
  }

  #policyFor(planned: PlannedOperation): RetryPolicy {
    const { retries, interval } = this.#site.retries
    return {
      retries: planned.maxRetries ?? retries,
      interval: planned.retryInterval === null ? interval : planned.retryInterval * 1000,
    }
  }
}

interface AttemptInfo {
  /** Counts over all processes that worked on the step. */
  readonly attempt: number
  /** Counts within this process; retries are limited by it. */
  readonly tries: number
  readonly inDoubt: boolean
  readonly policy: RetryPolicy
}

type AttemptOutcome = { readonly ok: true; readonly result: Json } | { readonly ok: false; readonly problem: Fault }

function subjectOf(request: OperationRequest): EventSubject {
  const { relationship } = request
  return {
    instanceId: request.member.id,
    operation: request.operation,
    sourceId: relationship?.source.id ?? null,
    targetId: relationship?.target.id ?? null,
  }
}

function taskName(request: OperationRequest): string {
  return request.half === undefined ? request.planned.operation : `${request.planned.operation} (${request.half})`
}

function isReschedule(problem: Fault): boolean {
  return problem.code === 'operation.retry' || problem.code === 'script.retry_asked'
}

// A receipt or a table of statistics is data for us; only what a plain operation returns is for the reader.
function shownResult(operation: PluginOperation, result: Json): string {
  if (operation.kind !== 'run' || result === null || typeof result === 'object') return ''
  return ` - ${String(result)}`
}

function notBegun(signal: AbortSignal): Fault {
  const { code, details } = abortFault(signal)
  return fault(code, { details })
}

// Builds what an operation is given, out of the run it belongs to.
import { asFault, fault } from '../kernel/fault.ts'
import type { Duration } from '../kernel/duration.ts'
import type { Json } from '../kernel/json.ts'
import type { OperationContext, OperationDetails, Once, OperationLog, Subject } from '../plugins/contract/context.ts'
import type { World } from '../world/world.ts'
import { logEvent, taskEvent, type EventSubject } from './events.ts'
import { textOf } from './plain-result.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

export interface ContextRequest {
  readonly member: Instance
  readonly plugin: string
  readonly operation: OperationDetails
  readonly signal: AbortSignal
  readonly subject: EventSubject
  readonly relationship?: { readonly type: string; readonly source: Instance; readonly target: Instance }
  readonly part?: Json
  /** Called when an effect is there. */
  readonly onMade?: () => void
  readonly bracket?: NonNullable<OperationContext['bracket']>
}

const defaultPause: Duration = 1000

export async function operationContext(site: Site, request: ContextRequest): Promise<OperationContext> {
  const { member, operation, signal, subject, relationship } = request
  const { journal, world } = site
  const host = member.hostId === undefined ? undefined : site.topology.find(member.hostId)
  return {
    ...subjectOf(site, member),
    operation,
    ...(relationship
      ? {
          relationship: {
            type: relationship.type,
            source: subjectOf(site, relationship.source),
            target: subjectOf(site, relationship.target),
          },
        }
      : {}),
    ...(host ? { host: subjectOf(site, host) } : {}),
    ...(request.part === undefined ? {} : { part: request.part }),
    ...(request.bracket ? { bracket: request.bracket } : {}),
    execution: site.execution,
    deployment: site.deployment,
    blueprint: site.blueprint,
    log: operationLog(site, subject),
    event: (text) => journal.event(taskEvent('plugin_event', subject, text)),
    signal,
    world,
    stateDirectory: await site.stateDirectory(request.plugin),
    blueprintFile: (path) => site.blueprintFile(path),
    secret: (name) => site.secret(name),
    evaluate: (value) => site.evaluate(value, scopeOf(request)),
    async once(effect) {
      const value = await once(effect, operation)
      request.onMade?.()
      return value
    },
    until: (read, isDone, every) => until(read, isDone, { every: every ?? defaultPause, world, signal }),
    retry: (message, after) => {
      throw fault('operation.retry', { details: { message }, after })
    },
  }
}

export function scopeOf(
  request: Pick<ContextRequest, 'member' | 'relationship'>,
): { self: string } | { source: string; target: string } {
  const { relationship } = request
  return relationship ? { source: relationship.source.id, target: relationship.target.id } : { self: request.member.id }
}

function subjectOf(site: Site, instance: Instance): Subject {
  return {
    node: instance.node,
    instance,
    async save() {
      storeInstance(site, instance)
      await site.journal.flush()
      await site.world.point?.('instance.recorded')
    },
  }
}

/** Puts the instance's state into the next commit when it changed. @throws Fault `operation.failed` when it is no JSON */
export function storeInstance(site: Site, instance: Instance): void {
  const text = textOf(instance.runtimeProperties, `runtime properties of '${instance.id}'`)
  if (text === instance.storedProperties && instance.state === instance.storedState) return
  site.journal.instance(site.deployment.id, instance.id, instance.state, text)
  instance.storedProperties = text
  instance.storedState = instance.state
}

function operationLog(site: Site, subject: EventSubject): OperationLog {
  const log = (level: string) => (text: string) => site.journal.event(logEvent(level, text, subject))
  return { debug: log('DEBUG'), info: log('INFO'), warning: log('WARNING'), error: log('ERROR') }
}

/** One effect, at most once: reads back by the operation's key when its outcome may have been lost. */
export async function once<Value>(effect: Once<Value>, operation: OperationDetails): Promise<Value> {
  if (operation.attempt > 1 || operation.inDoubt) {
    const found = await effect.lookUp(operation.key)
    if (found !== undefined) return found
  }
  try {
    return await effect.create(operation.key)
  } catch (thrown) {
    const problem = asFault(thrown)
    if (problem.effect !== 'unknown') throw problem
    // The answer was lost, perhaps not the effect.
    const found = await effect.lookUp(operation.key).catch(() => undefined)
    if (found !== undefined) return found
    throw problem
  }
}

/** Reads until the value is as wanted, with a pause after each look. */
export async function until<Value>(
  read: () => Promise<Value>,
  isDone: (value: Value) => boolean,
  pace: { readonly every: Duration; readonly world: World; readonly signal: AbortSignal },
): Promise<Value> {
  for (;;) {
    pace.signal.throwIfAborted()
    const value = await read()
    if (isDone(value)) return value
    await pace.world.clock.sleep(pace.every, pace.signal)
  }
}

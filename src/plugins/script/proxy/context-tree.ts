// Everything `ctx` can say, as a tree over one operation's context.
import { fault } from '../../../kernel/fault.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { OperationContext, OperationLog } from '../../contract/context.ts'
import { boundedText } from '../output.ts'
import type { Outcome } from '../outcome.ts'
import { optionalSeconds, optionalText, requiredText } from './arguments.ts'
import { call, leaf, readOnly, scope, type Entry } from './entry.ts'
import { resourceEntries } from './resources.ts'
import { endEntry, instanceEntry, nodeEntry } from './subject-entry.ts'

type Members = Record<string, () => Entry>

/** `variables` are the inputs of the operation that are not about how to run the script. */
export function contextTree(ctx: OperationContext, outcome: Outcome, variables: JsonObject): Entry {
  const root: Entry = scope({
    ...subjects(ctx),
    ...identity(ctx),
    ...control(ctx, outcome),
    ...resourceEntries(ctx, () => root),
    inputs: () => readOnly(variables),
  })
  return root
}

function subjects(ctx: OperationContext): Members {
  const { relationship } = ctx
  if (!relationship) {
    return {
      type: () => leaf('node-instance'),
      node: () => nodeEntry(ctx.node),
      instance: () => instanceEntry(ctx, ctx.host),
      source: () => refuse('source', 'operations of a relationship'),
      target: () => refuse('target', 'operations of a relationship'),
    }
  }
  return {
    type: () => leaf('relationship-instance'),
    source: () => endEntry(ctx, relationship.source),
    target: () => endEntry(ctx, relationship.target),
    node: () => refuse('node', 'operations of a node; use source or target here'),
    instance: () => refuse('instance', 'operations of a node; use source or target here'),
  }
}

function refuse(name: string, place: string): never {
  throw fault('script.bad_input', { details: { message: `ctx ${name} is there only in ${place}` } })
}

function identity(ctx: OperationContext): Members {
  const tenant = 'default_tenant'
  return {
    deployment: () =>
      scope({
        id: () => leaf(ctx.deployment.id),
        display_name: () => leaf(ctx.deployment.id),
        tenant_name: () => leaf(tenant),
      }),
    blueprint: () => scope({ id: () => leaf(ctx.blueprint.id) }),
    execution_id: () => leaf(ctx.execution.id),
    workflow_id: () => leaf(ctx.execution.workflow),
    task_id: () => leaf(ctx.operation.key),
    task_name: () => leaf('script_runner.tasks.run'),
    tenant_name: () => leaf(tenant),
    tenant: () => scope({ name: () => leaf(tenant) }),
    plugin: () => scope({ name: () => leaf('script') }),
    secret: () =>
      scope({
        get: () => call(['name'], async ([name]) => (await ctx.secret(requiredText(name, 'the name'))).reveal()),
      }),
  }
}

function control(ctx: OperationContext, outcome: Outcome): Members {
  const retry = (): Entry =>
    call(['message', 'retry_after'], ([message, after]) => outcome.retry(optionalText(message), optionalSeconds(after)))
  return {
    logger: () => loggerEntry(ctx.log),
    operation: () => operationEntry(ctx, retry),
    returns: () => call(['value'], ([value]) => outcome.returns(value ?? null)),
    abort_operation: () => call(['message'], ([message]) => outcome.abort(optionalText(message))),
    // Cloudify names the same number differently here.
    retry_operation: () =>
      call(['message', 'retry_interval'], ([message, after]) =>
        outcome.retry(optionalText(message), optionalSeconds(after)),
      ),
    send_event: () => call(['event'], ([event]) => (ctx.event(boundedText(requiredText(event, 'the text'))), null)),
  }
}

function operationEntry(ctx: OperationContext, retry: () => Entry): Entry {
  const { operation, relationship } = ctx
  const end = relationship && (relationship.source.instance.id === ctx.instance.id ? 'source' : 'target')
  return scope({
    name: () => leaf(operation.name),
    retry_number: () => leaf(operation.attempt - 1),
    max_retries: () => leaf(operation.maxAttempts < 0 ? -1 : operation.maxAttempts - 1),
    relationship: () => leaf(end ?? null),
    retry,
    // Beyond Cloudify: what a script needs to take effect at most once.
    key: () => leaf(operation.key),
    in_doubt: () => leaf(operation.inDoubt),
  })
}

const levels: Readonly<Record<string, keyof OperationLog>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warning',
  warn: 'warning',
  error: 'error',
  exception: 'error',
  critical: 'error',
}

function loggerEntry(log: OperationLog): Entry {
  const words = ['text', ...Array.from({ length: 63 }, (_none, index) => `text${index + 2}`)]
  const at = (level: keyof OperationLog) => () =>
    call(words, (given) => {
      const text = given.filter((word) => word !== undefined).map(logText)
      log[level](boundedText(text.join(' ')))
      return null
    })
  return scope(Object.fromEntries(Object.entries(levels).map(([name, level]) => [name, at(level)])))
}

const logText = (word: Json): string => optionalText(word) ?? 'None'

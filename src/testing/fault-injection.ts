// Makes operations of a plugin fail as providers do, at a chosen call: for tests of what the lifecycle and the plugin's
// own retries make of it.
import { fault } from '../kernel/fault.ts'
import type { Duration } from '../kernel/duration.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'

/**
 * `refuse`: fails before the effect. `lose`: takes effect, and then the answer is lost. `throttle`: refused with a time
 * to come back. `hang`: never answers, until it is cancelled.
 */
export type Injection =
  | { readonly kind: 'refuse' | 'lose' | 'hang' }
  | { readonly kind: 'throttle'; readonly after: Duration }

export interface InjectionPlan {
  /** Key of the operation in the plugin; for cuts `lamp.save` is the cut and `lamp.save#settle` the settling. */
  readonly operation: string
  /** Counts the calls of that operation from 1. */
  readonly call: number
  readonly injection: Injection
}

/**
 * The same plugin with injections in it.
 *
 * @example
 * faulty(plugin, [{ operation: 'lamp.save', call: 1, injection: { kind: 'lose' } }])
 */
export function faulty(plugin: Plugin, plans: readonly InjectionPlan[]): Plugin {
  const counts = new Map<string, number>()
  const around = <Value>(operation: string, ctx: OperationContext, work: () => Promise<Value>): Promise<Value> => {
    const call = (counts.get(operation) ?? 0) + 1
    counts.set(operation, call)
    const plan = plans.find((one) => one.operation === operation && one.call === call)
    return plan ? inject(plan.injection, ctx, work) : work()
  }
  const entries = Object.entries(plugin.operations).map(([name, operation]) => [name, wrap(name, operation, around)])
  return { ...plugin, operations: Object.fromEntries(entries) as Plugin['operations'] }
}

type Around = <Value>(operation: string, ctx: OperationContext, work: () => Promise<Value>) => Promise<Value>

function wrap(name: string, operation: PluginOperation, around: Around): PluginOperation {
  switch (operation.kind) {
    case 'run':
      return { ...operation, run: (ctx, inputs) => around(name, ctx, () => operation.run(ctx, inputs)) }
    case 'freeze':
      return { ...operation, freeze: (ctx, inputs) => around(name, ctx, () => operation.freeze(ctx, inputs)) }
    case 'thaw':
      return { ...operation, thaw: (ctx, inputs) => around(name, ctx, () => operation.thaw(ctx, inputs)) }
    case 'cut':
      return {
        ...operation,
        cut: (ctx, inputs) => around(name, ctx, () => operation.cut(ctx, inputs)),
        settle: (ctx, receipt, inputs) => around(`${name}#settle`, ctx, () => operation.settle(ctx, receipt, inputs)),
      }
  }
}

async function inject<Value>(injection: Injection, ctx: OperationContext, work: () => Promise<Value>): Promise<Value> {
  switch (injection.kind) {
    case 'refuse':
      throw fault('operation.failed', { details: { message: 'refused (injected)' }, effect: 'none' })
    case 'throttle':
      throw fault('operation.retry', {
        details: { message: 'too many calls (injected)' },
        effect: 'none',
        after: injection.after,
      })
    case 'lose':
      await work()
      throw fault('operation.failed', { details: { message: 'the answer was lost (injected)' }, effect: 'unknown' })
    case 'hang':
      return new Promise((_resolve, reject) => {
        const giveUp = (): void => reject(ctx.signal.reason as Error)
        if (ctx.signal.aborted) giveUp()
        else ctx.signal.addEventListener('abort', giveUp, { once: true })
      })
  }
}

// What comes before an attempt when an earlier one may have taken effect: a look at the outside, or a stop for a person.
import { fault, faultFromRecord, type Fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'

/** `step`: the step's key, by which a person says what happened. @throws Fault `operation.in_doubt` */
export async function onceDoubtIsSettled(
  operation: PluginOperation,
  ctx: OperationContext,
  inputs: JsonObject,
  attempt: { readonly step: string; readonly perform: () => Promise<Json> },
): Promise<Json> {
  if (!ctx.operation.inDoubt || operation.kind !== 'run') return attempt.perform()
  if (operation.lookUp) {
    const found = await operation.lookUp(ctx, inputs)
    if (found === undefined) return attempt.perform()
    ctx.log.info('An earlier attempt had done it already')
    return found
  }
  if (operation.repeat !== 'unsafe') return attempt.perform()
  throw fault('operation.in_doubt', {
    details: {
      node: ctx.node.id,
      instance: ctx.instance.id,
      operation: ctx.operation.name,
      execution: ctx.execution.id,
      step: attempt.step,
    },
  })
}

/** An attempt that did nothing says nothing about the one before it: that doubt has to outlive this process. */
export function keepingDoubt(problem: Fault, wasInDoubt: boolean): Fault {
  if (!wasInDoubt || problem.effect !== 'none') return problem
  return faultFromRecord({ ...problem.toJSON(), effect: 'unknown' })
}

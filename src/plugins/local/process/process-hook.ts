// Runs the prepare or finalize hook of a process as part of an operation.
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { runHook, type Hook } from '../guard/hook.ts'

/** @throws Fault `local.hook_failed` with effect `unknown`: the hook may have done a part of its work. */
export async function runProcessHook(ctx: OperationContext, name: 'prepare' | 'finalize', hook: Hook): Promise<void> {
  const ended = new AbortController()
  const giveUp = new AbortController()
  ctx.world.clock.sleep(hook.timeout, ended.signal).then(
    () => giveUp.abort(),
    () => undefined,
  )
  // A cancel ends a prepare; a finalize is what makes things good again and runs to its own end.
  const signal = name === 'prepare' ? AbortSignal.any([giveUp.signal, ctx.signal]) : giveUp.signal
  const { failure, output } = await runHook(hook, signal)
  ended.abort()
  if (name === 'prepare') ctx.signal.throwIfAborted()
  if (output) ctx.log.debug(`${name} hook: ${output}`)
  if (failure !== undefined) throw hookFault(name, failure, output)
}

function hookFault(name: string, failure: string, output: string): Error {
  const said = output ? `${failure}: ${output.slice(-500)}` : failure
  return fault('local.hook_failed', { details: { hook: name, reason: said }, effect: 'unknown' })
}

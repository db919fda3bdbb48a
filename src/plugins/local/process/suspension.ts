// What suspend found, so that resume leaves it as it was.
import { isJsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'

export type FoundState = 'running' | 'stopped'

export function foundBySuspend(ctx: OperationContext): FoundState | undefined {
  const { suspended } = ctx.instance.runtimeProperties
  if (suspended === undefined || !isJsonObject(suspended)) return undefined
  return suspended['found'] === 'stopped' ? 'stopped' : 'running'
}

export function isSuspended(ctx: OperationContext): boolean {
  return foundBySuspend(ctx) !== undefined
}

export function rememberSuspension(ctx: OperationContext, found: FoundState): void {
  ctx.instance.runtimeProperties['suspended'] = { found }
}

export function forgetSuspension(ctx: OperationContext): void {
  delete ctx.instance.runtimeProperties['suspended']
}

// Runs the scripts that freeze and thaw an instance so that they and the guard never meet: one at a time, and none that
// freezes without its guard on watch.
import { fault } from '../../kernel/fault.ts'
import type { OperationContext } from '../contract/context.ts'
import { hasProcessTable } from '../guard/process-table.ts'
import { runtimeFolder } from '../guard/record-file.ts'
import { armedGuard, type ArmedGuard } from './deadman.ts'
import type { Environment } from './environment.ts'
import { halves, instancePath, releaseTurn, takeTurn, turnVariable, type Half } from './turn.ts'

/** What a script's run is told of the turn it runs in. */
export interface Place {
  readonly environment: Environment
  /** Called after each command of the script, before it has the answer. */
  onCommand(): void
}

export const outsideOfTurns: Place = { environment: {}, onCommand: () => undefined }

/** Any other operation just runs. */
export async function inFreezeTurn<Value>(
  ctx: OperationContext,
  run: (place: Place) => Promise<Value>,
): Promise<Value> {
  const half = halfOf(ctx.operation.name)
  const folder = half && hasProcessTable() ? runtimeFolder(process.env) : undefined
  if (!half || folder === undefined) return run(outsideOfTurns)
  const instance = instancePath(ctx, folder)
  const path = `${instance}.turn`
  const turn = await takeTurn(ctx, path, half).catch((thrown: unknown) => {
    ctx.signal.throwIfAborted()
    // Rather two scripts at once than none, which would leave the node frozen.
    ctx.log.warning(`'${path}' cannot be written: ${String(thrown)}`)
    return undefined
  })
  try {
    const environment = turn ? { [turnVariable]: turn.id } : {}
    const guard = half === 'prepare' ? armedGuard(instance) : undefined
    return guard ? await underGuard(ctx, guard, environment, run) : await run({ ...outsideOfTurns, environment })
  } finally {
    if (turn) releaseTurn(path, turn)
  }
}

async function underGuard<Value>(
  ctx: OperationContext,
  guard: ArmedGuard,
  environment: Environment,
  run: (place: Place) => Promise<Value>,
): Promise<Value> {
  if (!guard.isOnWatch()) throw fault('freeze.not_armed', { details: { reason: 'no guard watches the instance' } })
  const { runtimeProperties } = ctx.instance
  let told = JSON.stringify(runtimeProperties)
  const onCommand = (): void => {
    const current = JSON.stringify(runtimeProperties)
    if (current === told) return
    guard.tell(runtimeProperties)
    told = current
  }
  const result = await run({ environment, onCommand }).catch((thrown: unknown) => {
    throw guard.isOnWatch() ? thrown : refused(thrown)
  })
  // The guard gives up its record before it runs the script that thaws: either it has done so by now, or that is still
  // to come.
  if (!guard.isOnWatch()) throw refused()
  return result
}

function refused(cause?: unknown): Error {
  const reason = 'its guard ended before the script that freezes it'
  return fault('freeze.refused', { details: { reason }, effect: 'unknown', cause })
}

function halfOf(operation: string): Half | undefined {
  return Object.hasOwn(halves, operation) ? halves[operation as keyof typeof halves] : undefined
}

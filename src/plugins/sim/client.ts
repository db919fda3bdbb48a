// One call to the simulated cloud: on its way, served, on its way back, with whatever goes wrong in between. The cloud
// serves in its own time: what has arrived takes effect also when the caller is gone.
import type { Duration } from '../../kernel/duration.ts'
import type { OperationContext } from '../contract/context.ts'
import type { Manner, SimCall, SimCallName } from './cloud/behaviour.ts'
import type { SimCloud } from './cloud/cloud.ts'
import type { GuestRecord } from './cloud/guest.ts'
import { failed, noAnswer, refused, throttled } from './errors.ts'
import { cloudOf } from './find-cloud.ts'

export interface Request<Value> {
  readonly name: SimCallName
  /** Default: the operation's key. */
  readonly key?: string
  /** How long the cloud works at it before it answers. */
  readonly work?: Duration
  /** At the moment of arrival, in one piece. */
  effect(cloud: SimCloud, guest: GuestRecord): Value
}

/** A client of one's own gives up waiting for a node that cannot be reached. */
const patience: Duration = 10_000

/** @throws Fault `sim.*`, `freeze.refused`, or what `effect` throws */
export async function request<Value>(ctx: OperationContext, wanted: Request<Value>): Promise<Value> {
  const { behaviour } = cloudOf(ctx)
  const call: SimCall = { name: wanted.name, node: nodeName(ctx), key: wanted.key ?? ctx.operation.key }
  behaviour.onStage?.('before', call)
  const manner = behaviour.manner(call)
  await ctx.world.clock.sleep(manner.there, ctx.signal)
  const served = serve(ctx, wanted, call, manner).then(
    (value) => ({ value }),
    (problem: unknown) => ({ problem }),
  )
  const answer = await untilAborted(served, ctx.signal)
  // An answer reaches only who still lives.
  await ctx.world.clock.sleep(manner.back, ctx.signal)
  behaviour.onStage?.('after', call)
  // Whoever dies at this stage has not seen the answer.
  await ctx.world.clock.sleep(0)
  if ('problem' in answer) throw answer.problem
  return answer.value
}

/** Names a node instance in the cloud. */
export function nodeName(ctx: Pick<OperationContext, 'instance'>): string {
  return ctx.instance.id
}

async function serve<Value>(
  ctx: OperationContext,
  wanted: Request<Value>,
  call: SimCall,
  manner: Manner,
): Promise<Value> {
  const { behaviour, world, now } = cloudOf(ctx)
  const wait = behaviour.reachableAt(call.node, now) - now
  if (wait > patience) {
    await world.clock.sleep(patience)
    throw noAnswer(call)
  }
  if (wait > 0) await world.clock.sleep(wait)
  if (manner.fate === 'throttle') throw throttled(call, manner.later)
  if (manner.fate === 'fail') throw failed(call)
  if (manner.fate === 'refuse') throw refused('the agent of the guest says no')
  const answer = takeEffect(ctx, wanted, call)
  behaviour.onStage?.('effect', call)
  if (manner.fate === 'duplicate') deliverAgain(ctx, wanted, call, manner.later)
  await world.clock.sleep(Math.round((wanted.work ?? 0) * manner.slowness))
  if (manner.fate === 'lose') throw noAnswer(call)
  if (manner.fate === 'hang') {
    await world.clock.sleep(Math.max(0, behaviour.hangsUntil(world.clock.now()) - world.clock.now()))
    throw noAnswer(call)
  }
  return answer
}

// The file of a cloud on disk is read, changed and written without a pause in between.
function takeEffect<Value>(ctx: OperationContext, wanted: Request<Value>, call: SimCall): Value {
  const cloud = cloudOf(ctx)
  const answer = wanted.effect(cloud, cloud.guest(call.node))
  cloud.changed()
  return answer
}

function deliverAgain<Value>(ctx: OperationContext, wanted: Request<Value>, call: SimCall, later: Duration): void {
  void cloudOf(ctx)
    .world.clock.sleep(later)
    .then(() => takeEffect(ctx, wanted, call))
    // Nobody waits for the second answer.
    .catch(() => {})
}

async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason as Error)
    const leave = (): void => signal.removeEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(leave)
  })
}

// What the simulated cloud answers, as faults.
import { Fault, fault } from '../../kernel/fault.ts'
import type { Duration } from '../../kernel/duration.ts'
import type { SimCall } from './cloud/behaviour.ts'

export function throttled(call: SimCall, after: Duration): Fault {
  return fault('sim.throttled', { details: { call: call.name, node: call.node }, effect: 'none', after })
}

export function failed(call: SimCall): Fault {
  return fault('sim.failed', { details: { call: call.name, node: call.node }, effect: 'none' })
}

/** Sent, and nobody knows what became of it. */
export function noAnswer(call: SimCall): Fault {
  return fault('sim.no_answer', { details: { call: call.name, node: call.node }, effect: 'unknown' })
}

export function refused(reason: string): Fault {
  return fault('freeze.refused', { details: { reason }, effect: 'none' })
}

export function missing(kind: string, id: string): Fault {
  return fault('sim.missing', { details: { kind, id }, effect: 'none' })
}

/** The call itself changed nothing; the operation had made something before, and whoever repeats it must look. */
export function afterEffect(thrown: unknown): unknown {
  if (!(thrown instanceof Fault) || thrown.effect !== 'none') return thrown
  const { code, details, message, retry, after } = thrown
  return fault(code, { details, message, retry, after, effect: 'unknown', cause: thrown })
}

// The fault that a promise rejects with; anything else fails the test.
import { Fault } from '../../src/kernel/fault.ts'

export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const thrown = await work.then(
    () => undefined,
    (problem: unknown) => problem,
  )
  if (thrown instanceof Fault) return thrown
  throw new Error(`expected a fault, got ${String(thrown)}`, { cause: thrown })
}

// Keeps the steps of one run apart: under a key that was used before, a workflow would be given the first step's result.
import { fault } from '../kernel/fault.ts'

export class StepKeys {
  readonly #done = new Set<string>()

  /** Runs `work` unless a step of this key has come to its end in this run. @throws Fault `plan.step_repeated` */
  async once<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    if (this.#done.has(key)) throw fault('plan.step_repeated', { details: { key } })
    const result = await work()
    this.#done.add(key)
    return result
  }
}

// What a person says of operations in doubt, when nothing else can tell whether they took effect.
import { fault, type FaultRecord } from '../kernel/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import { logEvent } from '../lifecycle/events.ts'
import type { Journal } from '../lifecycle/journal.ts'
import type { StepRow } from '../store/tables.ts'
import type { Assumption, ResumeOptions } from './api.ts'
import type { Engine } from './engine.ts'

export type Assumptions = Readonly<Record<string, Assumption>>

/** @throws Fault `usage.bad_argument` when it is not clear which operation is meant, or none is in doubt. */
export async function assumptionsOf(
  engine: Engine,
  executionId: string,
  given: ResumeOptions['assume'],
): Promise<Assumptions> {
  if (given === undefined) return {}
  const steps = await engine.store.read<StepRow>(
    "select * from steps where execution_id = ? and state = 'failed' order by started_at, key",
    [executionId],
  )
  const keys = steps.filter(isInDoubt).map((step) => step.key)
  if (keys.length === 0) refuse(`no operation of execution '${executionId}' is in doubt`)
  if (typeof given !== 'string') {
    const unknown = Object.keys(given).find((key) => !keys.includes(key))
    if (unknown !== undefined) refuse(`no step '${unknown}' is in doubt, but ${keys.join(', ')}`)
    return given
  }
  const [only, ...others] = keys
  if (only === undefined || others.length > 0)
    refuse(`several operations are in doubt; say which, as in ${keys[0]}=${given}: ${keys.join(', ')}`)
  return { [only]: given }
}

/** From now on the steps are done, or never were. */
export function assume(journal: Journal, assumptions: Assumptions): void {
  for (const [key, assumption] of Object.entries(assumptions)) {
    const attempt = journal.step(key)?.attempt ?? 1
    if (assumption === 'done') journal.done(key, attempt, null)
    else {
      const message = 'an earlier attempt did not take effect, as a person said'
      journal.failed(key, attempt, fault('operation.failed', { details: { message } }))
    }
    const words = assumption === 'done' ? 'done, without a result' : 'not done'
    journal.event(logEvent('WARNING', `'${key}' is taken as ${words}: a person said so`))
  }
}

function isInDoubt(step: StepRow): boolean {
  return recordOf(step)?.code === 'operation.in_doubt'
}

function recordOf({ fault: text }: StepRow): FaultRecord | undefined {
  return text === null ? undefined : (JSON.parse(text) as FaultRecord & JsonObject)
}

function refuse(message: string): never {
  throw fault('usage.bad_argument', { details: { message } })
}

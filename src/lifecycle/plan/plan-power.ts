// Suspend and resume where an operation tells power states: what stands still already is left alone, and what suspend
// found down stays down. The state is read for the plan, too: reading changes nothing.
import { asFault } from '../../kernel/fault.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { PowerState, RunOperation } from '../../plugins/contract/operation.ts'
import { lookContext } from '../look-context.ts'
import { operationInputs } from '../operation-inputs.ts'
import { powerOnRecord } from '../power-record.ts'
import type { Instance } from '../topology.ts'
import type { Planning } from './planning.ts'

/** Whether suspend would call the operation. */
export async function wouldPowerDown(
  planning: Planning,
  member: Instance,
  operation: string,
  inputs: JsonObject,
): Promise<boolean> {
  const found = teller(planning, member, operation)
  if (!found) return true
  try {
    const state = await read(planning, member, { operation, inputs, found })
    if (state === 'running') return true
    planning.problems.note('plan.left', `${member.id} is ${state} already and is left so`, member.id)
    return false
  } catch (thrown) {
    planning.problems.warning(
      'plan.no_power',
      `what ${member.id} does now could not be read: ${asFault(thrown).message}`,
      member.id,
    )
    return true
  }
}

/** Whether resume would call it. */
export async function wouldPowerUp({ site, problems }: Planning, member: Instance): Promise<boolean> {
  const wanted = await powerOnRecord(site, member.id)
  if (wanted === null || wanted === 'running') return true
  problems.note('plan.left', `${member.id} was found ${wanted} by suspend and is left so`, member.id)
  return false
}

function teller({ site }: Planning, member: Instance, operation: string): RunOperation | undefined {
  const planned = member.does(operation) ? member.planned.operations[operation] : undefined
  const found = planned && site.findOperation(planned.plugin, planned.operation)
  return found?.kind === 'run' && found.power !== undefined ? found : undefined
}

interface Reading {
  readonly operation: string
  readonly inputs: JsonObject
  readonly found: RunOperation
}

async function read(
  { site }: Planning,
  member: Instance,
  { operation, inputs, found }: Reading,
): Promise<PowerState | undefined> {
  const planned = member.planned.operations[operation]
  if (!planned) return undefined
  const key = `${site.execution.id}/power/${member.id}`
  const ctx = await lookContext(site, member, { operation, key, signal: site.signal })
  return found.power?.(ctx, await operationInputs(site, { member, operation, planned, inputs }, found))
}

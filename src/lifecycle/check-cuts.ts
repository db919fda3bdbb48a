// Asks the operations of a bracket's cut whether they could do their work, before anybody stands still for them, and for plans what
// their providers will see to themselves.
import type { Duration } from '../kernel/duration.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { PluginOperation, Vouched } from '../plugins/contract/operation.ts'
import { lookContext } from './look-context.ts'
import { operationInputs } from './operation-inputs.ts'
import { pluginFailure } from './plugin-failure.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'
import { withLimits } from './with-limits.ts'

/** A look that takes longer than this is no look. */
const checkTimeout: Duration = 60_000

export interface CutQuestion {
  /** Full name. */
  readonly operation: string
  readonly inputs: JsonObject
  readonly parts?: Readonly<Record<string, Json>>
}

/** @throws Fault of the member's plugin when its cut would be refused */
export async function checkCut(site: Site, member: Instance, question: CutQuestion): Promise<void> {
  await look(site, member, question, async (found, ctx, inputs) => {
    if (found.kind === 'cut' || found.kind === 'run') await found.check?.(ctx, inputs)
  })
}

/** What the provider of a cut will see to itself; undefined: it does not tell. @throws Fault of the member's plugin */
export async function vouchedFor(site: Site, member: Instance, question: CutQuestion): Promise<Vouched | undefined> {
  return look(site, member, question, async (found, ctx, inputs) =>
    found.kind === 'cut' ? found.vouches?.(ctx, inputs) : undefined,
  )
}

async function look<Value>(
  site: Site,
  member: Instance,
  question: CutQuestion,
  ask: (found: PluginOperation, ctx: OperationContext, inputs: JsonObject) => Promise<Value | undefined>,
): Promise<Value | undefined> {
  const { operation, inputs: given, parts } = question
  const planned = member.planned.operations[operation]
  const found = planned && site.findOperation(planned.plugin, planned.operation)
  if (!planned || (found?.kind !== 'cut' && found?.kind !== 'run')) return undefined
  if (!found.check && !(found.kind === 'cut' && found.vouches)) return undefined
  const inputs = await operationInputs(site, { member, operation, planned, inputs: given }, found)
  const { world, signal } = site
  const limits = { world, signal, operation, timeout: checkTimeout, isTimeoutRecoverable: false }
  return withLimits(limits, async (limited) => {
    const key = `${site.execution.id}/check/${member.id}`
    const ctx = await lookContext(site, member, { operation, key, signal: limited, part: parts?.[member.id] })
    return ask(found, ctx, inputs).catch((thrown: unknown) => {
      throw pluginFailure(thrown, planned.plugin, planned.operation)
    })
  })
}

// One call as it would be made: who, what, with which inputs, how long, and what speaks against it.
import { fault } from '../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { PluginOperation } from '../../plugins/contract/operation.ts'
import type { PlannedOperation } from '../../blueprint/plan.ts'
import type { Instance } from '../topology.ts'
import { callInputs } from './call-inputs.ts'
import type { CallRole } from './execution-plan.ts'
import type { Planning } from './planning.ts'

export interface CallRequest {
  /** Key of the step that it will be. */
  readonly key: string
  /** Of the phase that it begins when it stands alone. */
  readonly name: string
  readonly role: CallRole
  readonly member: Instance
  /** Full name. */
  readonly operation: string
  readonly planned: PlannedOperation
  readonly given: JsonObject
  readonly relationship?: { readonly source: Instance; readonly target: Instance }
  readonly part?: Json
}

/** Which kinds of operation a role can use. */
const fitting: Readonly<Record<CallRole, readonly PluginOperation['kind'][]>> = {
  freeze: ['freeze', 'run'],
  thaw: ['thaw', 'run'],
  cut: ['cut', 'run'],
  settle: ['cut'],
  verify: ['cut'],
  compare: ['cut'],
  call: ['run', 'cut', 'thaw'],
}

export async function planCall(planning: Planning, request: CallRequest): Promise<void> {
  const { site, problems, recorder } = planning
  const { member, operation, planned, relationship, role } = request
  // A step that is done is not done again.
  if (recorder.has(request.key)) return
  const found = site.findOperation(planned.plugin, planned.operation)
  const implementation = `${planned.plugin}.${planned.operation}`
  const details = { node: member.node.id, operation }
  const isBroken = planning.brokenPlugins.has(planned.plugin)
  if (!found && !isBroken)
    problems.error(fault('plan.no_plugin', { details: { ...details, implementation } }), member.id)
  else if (found && !fitting[role].includes(found.kind)) {
    const reason = unfit(role, implementation, found.kind)
    problems.error(fault('plan.unsupported', { details: { ...details, reason } }), member.id)
  }
  const scope = relationship ? { source: relationship.source.id, target: relationship.target.id } : { self: member.id }
  const {
    inputs,
    unknown,
    problems: wrong,
  } = await callInputs(site, found, {
    planned,
    given: request.given,
    scope,
    node: member.node.id,
    operation,
  })
  for (const problem of wrong) problems.error(problem, member.id)
  await recorder.call(request.name, {
    id: request.key,
    role,
    instance: member.id,
    node: member.node.id,
    operation,
    implementation,
    kind: found?.kind ?? null,
    inputs,
    unknownInputs: unknown,
    ...(relationship ? { relationship: { source: relationship.source.id, target: relationship.target.id } } : {}),
    ...(request.part === undefined ? {} : { part: site.journal.redactor.json(shortPart(request.part)) }),
    predicted: planning.predict(request.key),
  })
}

function unfit(role: CallRole, implementation: string, kind: string): string {
  if (role === 'call') return 'freezes, and nothing here would thaw it again: use backup, restore or suspend'
  return `${implementation} is an operation of kind ${kind}; here it must be ${fitting[role].join(' or ')}`
}

/** What the provider calls it is enough to find it; the rest stands in the catalog. */
function shortPart(part: Json): Json {
  return isJsonObject(part) && typeof part['providerId'] === 'string' ? { providerId: part['providerId'] } : part
}

// A bracket as it would be: who is frozen in which order, what is cut, who is thawed, what settles afterwards.
import type { Duration } from '../../kernel/duration.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { BracketOptions, BracketOutcome, Member, Order, SavedPart } from '../../plugins/contract/workflow.ts'
import { checkPolicyNodes } from '../freeze-policy.ts'
import { planWalk } from '../graph.ts'
import { computeType, fsFinalize, fsPrepare } from '../operations.ts'
import type { Instance } from '../topology.ts'
import type { CallRole, ExpectedPart, PlannedFreeze } from './execution-plan.ts'
import { expectedPart } from './expected-label.ts'
import { planFreeze } from './freeze-rules.ts'
import { planCall } from './plan-call.ts'
import type { Planning } from './planning.ts'
import { unknownValue } from './unknown-value.ts'

/** Where no member carries a deadman, a lease only bounds how long we ourselves hold a bracket open. */
const leaseWithoutDeadman: Duration = 600_000

interface Tier {
  readonly name: string
  readonly inputs: JsonObject
  readonly members: readonly Instance[]
}

export async function planBracket(planning: Planning, options: BracketOptions): Promise<BracketOutcome> {
  const { site } = planning
  const instances = (members: readonly Member[]): Instance[] => members.map((member) => site.topology.get(member.id))
  const tiers = options.tiers.map(({ inputs, members }): Tier => {
    const own = instances(members)
    return { name: tierName(own), inputs, members: own }
  })
  const cut = instances(options.cut.members).filter((member) => member.does(options.cut.operation))
  const lease = leaseOf(planning, tiers, options)
  checkPolicyNodes(options, site.deployment.id, [...new Set(site.topology.instances.map(({ nodeId }) => nodeId))])
  const freezes: PlannedFreeze[] = []
  for (const { members, inputs } of tiers) {
    for (const member of members.filter((one) => one.does(fsPrepare)))
      freezes.push(await planFreeze(planning, member, { options, inputs, lease }))
  }
  const skipped = new Set(freezes.filter(({ policy }) => policy === 'skip').map(({ instance }) => instance))
  const parts = options.purpose === 'save' ? partsOf(planning, cut, tiers, skipped) : []
  planning.brackets.push({ name: options.name, purpose: options.purpose, lease, freezes, parts })
  checkUndo(planning, options, cut)
  await planPhases(planning, options, { tiers, cut, skipped })
  return {
    parts: Object.fromEntries(cut.map((member) => [member.id, savedPart(member, parts)])),
    failures: {},
    frozen: [],
  }
}

interface Cast {
  readonly tiers: readonly Tier[]
  readonly cut: readonly Instance[]
  readonly skipped: ReadonlySet<string>
}

async function planPhases(planning: Planning, options: BracketOptions, { tiers, cut, skipped }: Cast): Promise<void> {
  const takesPart = (member: Instance): boolean => !skipped.has(member.id)
  const phase = phasesOf(planning, options.name)
  for (const { name, members, inputs } of tiers) {
    const frozen = members.filter((member) => member.does(fsPrepare) && takesPart(member))
    await phase('freeze', name, frozen, { order: 'dependents-first', operation: fsPrepare, inputs })
  }
  const { operation, order, inputs: given, parts } = options.cut
  await phase('cut', '', cut, { order, operation, inputs: given, ...(parts ? { parts } : {}) })
  for (const { name, members, inputs } of tiers.toReversed()) {
    const thawed = members.filter((member) => member.does(fsFinalize) && takesPart(member))
    await phase('thaw', name, thawed, { order: 'dependencies-first', operation: fsFinalize, inputs })
  }
  const settled = cut.filter((member) => {
    const planned = member.planned.operations[operation]
    return planned && planning.site.findOperation(planned.plugin, planned.operation)?.kind === 'cut'
  })
  await phase('settle', '', settled, { order: 'none', operation, inputs: given, ...(parts ? { parts } : {}) })
}

interface PhaseOptions {
  readonly order: Order
  readonly operation: string
  readonly inputs: JsonObject
  readonly parts?: Readonly<Record<string, JsonObject[string]>>
}

type PlanPhase = (role: CallRole, tier: string, members: readonly Instance[], options: PhaseOptions) => Promise<void>

function phasesOf(planning: Planning, bracket: string): PlanPhase {
  const { site, recorder } = planning
  return async (role, tier, members, { order, operation, inputs, parts }) => {
    const name = tier === '' ? role : `${role} ${tier}`
    await recorder.visits(name, planWalk(site.topology.instances, members, order), async (id) => {
      const member = site.topology.get(id)
      const planned = member.planned.operations[operation]
      if (!planned) return
      const part = parts?.[id]
      await planCall(planning, {
        key: `${bracket}#1/${role}/${id}`,
        name,
        role,
        member,
        operation,
        planned,
        given: inputs,
        ...(part === undefined ? {} : { part }),
      })
    })
  }
}

function tierName(members: readonly Instance[]): string {
  const computes = members.filter((member) => member.node.typeHierarchy.includes(computeType))
  if (computes.length === members.length) return 'computes'
  return computes.length === 0 ? 'services' : 'members'
}

function leaseOf({ site }: Planning, tiers: readonly Tier[], options: BracketOptions): Duration {
  const hasDeadman = tiers.some(({ members }) =>
    members.some((member) => {
      const planned = member.does(fsPrepare) ? member.planned.operations[fsPrepare] : undefined
      return planned && site.findOperation(planned.plugin, planned.operation)?.kind === 'freeze'
    }),
  )
  return options.lease ?? (hasDeadman ? site.lease : leaseWithoutDeadman)
}

function partsOf(
  { site, problems }: Planning,
  cut: readonly Instance[],
  tiers: readonly Tier[],
  skipped: ReadonlySet<string>,
): readonly ExpectedPart[] {
  const prepared = tiers.flatMap(({ members }) => members).filter((member) => member.does(fsPrepare))
  const frozen = prepared.filter(({ id }) => !skipped.has(id))
  const left = prepared.filter(({ id }) => skipped.has(id))
  return cut.map((member) => {
    const part = expectedPart(site, member, frozen, left)
    if (part.consistency === 'crash')
      problems.warning(
        'plan.unfrozen',
        `the part of ${member.id} will be as after a power cut: ${part.reason}`,
        member.id,
      )
    return part
  })
}

function checkUndo({ problems }: Planning, options: BracketOptions, cut: readonly Instance[]): void {
  const { undo } = options.cut
  if (undo === undefined) return
  for (const member of cut.filter((one) => !one.does(undo))) {
    const text = `when the ${options.name} fails, what was cut of ${member.id} stays: it has no ${undo}`
    problems.warning('plan.no_undo', text, member.id)
  }
}

function savedPart(member: Instance, parts: readonly ExpectedPart[]): SavedPart {
  const expected = parts.find(({ instance }) => instance === member.id)
  return {
    result: unknownValue(`part of ${member.id}`),
    consistency: expected?.consistency ?? 'crash',
    reason: expected?.reason ?? null,
    cutFrom: 0,
    cutTo: 0,
  }
}

// A bracket as it would be: who is frozen in which order, what is cut, who is thawed, what settles afterwards.
import { asFault } from '../../kernel/fault.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Vouched } from '../../plugins/contract/operation.ts'
import type { BracketOptions, BracketOutcome, Order, SavedPart } from '../../plugins/contract/workflow.ts'
import { BracketFrame } from '../bracket-frame.ts'
import { checkBracket } from '../check-bracket.ts'
import { checkCut, vouchedFor } from '../check-cuts.ts'
import { checkPolicyNodes } from '../freeze-policy.ts'
import { planWalk } from '../graph.ts'
import { computeType, fsFinalize, fsPrepare } from '../operations.ts'
import { labelOf, raised, type Label, type Stander } from '../standstill.ts'
import type { Instance } from '../topology.ts'
import type { CallRole, ExpectedPart } from './execution-plan.ts'
import { planOpening, type PlannedOpening } from './freeze-rules.ts'
import { planCall } from './plan-call.ts'
import type { Planning } from './planning.ts'
import { unknownValue } from './unknown-value.ts'

type Left = PlannedOpening['left']

export async function planBracket(planning: Planning, options: BracketOptions): Promise<BracketOutcome> {
  const { site, problems } = planning
  const frame = new BracketFrame(site, options)
  const nodes = new Set(site.topology.instances.map(({ nodeId }) => nodeId))
  checkPolicyNodes(options, site.deployment.id, [...nodes])
  const { lease, left, freezes } = await planOpening(planning, frame)
  const parts = options.purpose === 'save' ? await partsOf(planning, frame, left) : []
  planning.brackets.push({ name: options.name, purpose: options.purpose, lease, freezes, parts })
  checkUndo(planning, frame)
  await planPhases(planning, frame, left)
  await checkCuts(planning, frame)
  try {
    checkBracket(site, frame)
  } catch (thrown) {
    // Calls were checked one by one; what that did not find must not be lost.
    if (planning.brokenPlugins.size === 0) problems.errorUnlessKnown(asFault(thrown))
  }
  const saved = frame.cuts.map((member) => [member.id, savedPart(member, parts)] as const)
  return { parts: Object.fromEntries(saved), failures: {}, frozen: [] }
}

/** What the bracket would be refused for before it froze anybody. */
async function checkCuts({ site, problems }: Planning, { cuts, options }: BracketFrame): Promise<void> {
  for (const member of cuts) {
    await checkCut(site, member, options.cut).catch((thrown: unknown) => {
      const problem = asFault(thrown)
      // What cannot be asked now may be asked when it is run.
      if (options.isBestEffort || problem.retry !== 'never') problems.warning(problem.code, problem.message, member.id)
      else problems.errorUnlessKnown(problem, member.id)
    })
  }
}

async function planPhases(planning: Planning, frame: BracketFrame, left: Left): Promise<void> {
  const phase = phasesOf(planning, frame.options.name)
  const isFrozen = (member: Instance): boolean => member.does(fsPrepare) && !(member.id in left)
  for (const { members, inputs } of frame.tiers) {
    const frozen = members.filter(isFrozen)
    await phase('freeze', tierName(members), frozen, { order: 'dependents-first', operation: fsPrepare, inputs })
  }
  const { operation, order, inputs: given, parts } = frame.options.cut
  const cut = { operation, inputs: given, ...(parts ? { parts } : {}) }
  await phase('cut', '', frame.cuts, { ...cut, order })
  for (const { members, inputs } of frame.tiers.toReversed()) {
    const thawed = members.filter((member) => member.does(fsFinalize) && (isFrozen(member) || !member.does(fsPrepare)))
    await phase('thaw', tierName(members), thawed, { order: 'dependencies-first', operation: fsFinalize, inputs })
  }
  const settled = frame.cuts.filter((member) => frame.operationOf(member, operation)?.kind === 'cut')
  await phase('settle', '', settled, { ...cut, order: 'none' })
}

interface PhaseOptions {
  readonly order: Order
  readonly operation: string
  readonly inputs: JsonObject
  readonly parts?: Readonly<Record<string, Json>>
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

/** As if everybody stood still from before the first cut until after the last. */
async function partsOf(planning: Planning, frame: BracketFrame, left: Left): Promise<readonly ExpectedPart[]> {
  const cutWindow = { from: 1, to: 2 }
  const standerOf = (member: Instance): Stander => {
    const out = left[member.id]
    return {
      instanceId: member.id,
      isService: !frame.isCompute(member),
      gives: frame.givesOf(member),
      standstill: !out
        ? { kind: 'frozen', from: 0, to: null, isExpired: false }
        : out.policy === 'skip'
          ? { kind: 'skipped' }
          : { kind: 'left', reason: out.reason },
    }
  }
  const parts: ExpectedPart[] = []
  for (const member of frame.cuts) {
    const asked = frame.standersOf(member).filter(({ id }) => left[id]?.isUnasked !== true)
    const measured = labelOf(cutWindow, asked.map(standerOf))
    // Those that stand still as well as can be need nobody's word; why one cannot be asked, its check tells.
    const isBest = measured.consistency === 'application'
    const vouched = isBest
      ? undefined
      : await vouchedFor(planning.site, member, frame.options.cut).catch(() => undefined)
    const label = raisedBy(measured, vouched)
    if (label.consistency === 'crash') {
      const unless = vouched === undefined ? ', unless its provider vouches for more' : ''
      const text = `the part of ${member.id} will be as after a power cut${unless}: ${label.reason}`
      planning.problems.warning('plan.unfrozen', text, member.id)
    }
    parts.push({ instance: member.id, ...label })
  }
  return parts
}

function raisedBy(label: Label, vouched: Vouched | undefined): Label {
  if (vouched === undefined) return label
  const { consistency, reason } = vouched
  if (consistency === null)
    return label.consistency === 'crash' ? { ...label, reason: `${label.reason}, and ${reason}` } : label
  const better = raised(label, consistency)
  return better === label || consistency === 'application' ? better : { ...better, reason }
}

function checkUndo({ problems }: Planning, { cuts, options }: BracketFrame): void {
  const { undo } = options.cut
  if (undo === undefined) return
  for (const member of cuts.filter((one) => !one.does(undo))) {
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

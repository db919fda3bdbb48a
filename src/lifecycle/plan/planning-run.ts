// The Run of a plan: the workflow's own code runs, and nothing it asks for is done.
import type { Json } from '../../kernel/json.ts'
import type { ExecuteOptions, Member, Order, Run, StepContext, WalkOptions } from '../../plugins/contract/workflow.ts'
import { planWalk } from '../graph.ts'
import { relationshipOperation } from '../relationship-call.ts'
import { selectInstances } from '../selection.ts'
import { StepKeys } from '../step-keys.ts'
import type { Instance } from '../topology.ts'
import { planBracket } from './plan-bracket.ts'
import { planCall } from './plan-call.ts'
import { wouldPowerDown, wouldPowerUp } from './plan-power.ts'
import { planCompare } from './plan-compare.ts'
import { planRelationship } from './plan-relationship.ts'
import { planVerify } from './plan-verify.ts'
import type { Planning } from './planning.ts'
import { planningCatalog } from './planning-catalog.ts'
import { unknownValue } from './unknown-value.ts'

export function createPlanningRun(planning: Planning): Run {
  const { site, recorder, problems } = planning
  const { topology } = site
  const keys = new StepKeys()
  const instanceOf = (member: Member): Instance => topology.get(member.id)
  const warn = (text: string): void => problems.warning('workflow.warning', text)

  const each = (
    name: string,
    members: readonly Member[],
    order: Order,
    visit: (member: Member) => Promise<void>,
  ): Promise<void> =>
    recorder.visits(name, planWalk(topology.instances, members, order), async (id) => {
      // As in a run, what is independent goes on.
      await visit(topology.get(id)).catch((thrown: unknown) => problems.thrown(thrown, id))
    })

  const execute = async (member: Member, operation: string, options: ExecuteOptions = {}): Promise<Json> => {
    const planned = instanceOf(member).planned.operations[operation]
    if (!planned || !member.does(operation)) return null
    const key = `${options.phase ?? operation}/${member.id}`
    return keys.once(key, async () => {
      await planCall(planning, {
        key,
        name: options.title ?? shortName(operation),
        role: 'call',
        member: instanceOf(member),
        operation,
        planned,
        given: options.inputs ?? {},
        ...(options.part === undefined ? {} : { part: options.part }),
      })
      return unknownValue<Json>(`result of ${shortName(operation)} of ${member.id}`)
    })
  }

  return {
    execution: site.execution,
    deployment: site.deployment,
    members: topology.instances,
    log: { debug() {}, info() {}, warning: warn, error: warn },
    signal: site.signal,
    event() {},
    select: (selection) => selectInstances(topology, selection),
    step: (key, work) => keys.once(`step/${key}`, () => planStep(planning, key, work)),
    execute,
    async executeRelationship(member, relationship, end, operation) {
      return planRelationship(planning, instanceOf(member), { relationship, end, operation })
    },
    relationshipDoes: (relationship, end, operation) =>
      relationshipOperation({ relationship, end, operation }) !== undefined,
    walk: (operation, options) => walkOperation(operation, options, execute, each),
    each: (members, order, visit) => each(site.execution.workflow, members, order, visit),
    bracket: (options) => planBracket(planning, options),
    catalog: planningCatalog(planning),
    verify: (member, part, inputs) => planVerify(planning, instanceOf(member), part, inputs),
    compare: (member, part, inputs) => planCompare(planning, instanceOf(member), part, inputs),
    async powerDown(member, operation, options) {
      const isWanted = await wouldPowerDown(planning, instanceOf(member), operation, options?.inputs ?? {})
      if (isWanted) await execute(member, operation, options)
    },
    async powerUp(member, operation, options) {
      if (await wouldPowerUp(planning, instanceOf(member))) await execute(member, operation, options)
    },
    state(member) {
      const instance = instanceOf(member)
      if (!planning.states.has(member.id)) planning.seenStates.set(member.id, instance.storedState)
      return instance.state
    },
    async setState(member, state) {
      const instance = instanceOf(member)
      planning.states.set(member.id, { from: instance.storedState, to: state })
      instance.state = state
    },
    async record() {},
  }
}

async function walkOperation(
  operation: string,
  { instances, order, inputs = {}, phase, title = operation, parts, onResult }: WalkOptions,
  execute: Run['execute'],
  each: (name: string, ...rest: Parameters<Run['each']>) => Promise<void>,
): Promise<void> {
  const members = instances.filter((member) => member.does(operation))
  await each(shortName(title), members, order, async (member) => {
    const part = parts?.[member.id]
    const result = await execute(member, operation, {
      inputs,
      ...(phase === undefined ? {} : { phase }),
      ...(part === undefined ? {} : { part }),
    })
    await onResult?.(member, result)
  })
}

async function planStep<Value extends Json | void>(
  { site, runsSteps, unknownSteps, problems }: Planning,
  key: string,
  work: (step: StepContext) => Promise<Value>,
): Promise<Value> {
  if (runsSteps) return work({ attempt: 1, inDoubt: false, now: site.world.clock.now(), signal: site.signal })
  unknownSteps.push(key)
  problems.isIncomplete = true
  return unknownValue<Value>(`result of step '${key}'`)
}

/** Runs the workflow's code to its end, or to where it cannot be planned any further. */
export async function planWorkflow(planning: Planning, work: (run: Run) => Promise<unknown>): Promise<void> {
  const run = createPlanningRun(planning)
  try {
    await work(run)
  } catch (thrown) {
    planning.problems.thrown(thrown, null)
  }
  if (planning.unknownSteps.length === 0) return
  const steps = planning.unknownSteps.map((key) => `'${key}'`).join(', ')
  const text = `what the workflow does in its step ${steps} is not known before it runs`
  planning.problems.warning('plan.unknown_step', text)
}

/** `cloudify.interfaces.freeze.fs_prepare` -> `fs_prepare`. */
const shortName = (operation: string): string => operation.slice(operation.lastIndexOf('.') + 1)

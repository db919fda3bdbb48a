// The Run that a workflow is given: every call of it is journaled, so that the same code carries on after a crash.
import { asFault, fault } from '../kernel/fault.ts'
import type { Json } from '../kernel/json.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'
import type { ExecuteOptions, Member, Order, Run, StepContext, WalkOptions } from '../plugins/contract/workflow.ts'
import type { FreezeRow } from '../store/tables.ts'
import { Bracket } from './bracket.ts'
import { catalogOf } from './catalog.ts'
import { logEvent, nodeEvent, stageEvent } from './events.ts'
import { failureOf } from './failure.ts'
import { planWalk } from './graph.ts'
import { Ledger } from './ledger.ts'
import { storeInstance } from './operation-context.ts'
import { OperationRunner, type Perform } from './operation-runner.ts'
import { Power } from './power.ts'
import { forgetPower } from './power-record.ts'
import { relationshipCall, relationshipOperation } from './relationship-call.ts'
import { SaidBefore } from './said-before.ts'
import { StepKeys } from './step-keys.ts'
import { selectInstances } from './selection.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'
import { compareKey, comparePart } from './compare-part.ts'
import { verifyKey, verifyPart } from './verify-part.ts'
import { walk } from './walk.ts'

export interface Past {
  readonly freezes: readonly FreezeRow[]
  /** Lines of the workflow itself that were already written. */
  readonly lines: readonly string[]
}

export function createRun(site: Site, past: Past): Run {
  const runner = new OperationRunner(site)
  const ledger = new Ledger(site.journal, past.freezes)
  const said = new SaidBefore(past.lines)
  const keys = new StepKeys()
  const { topology, journal } = site
  const log = (level: string) => (text: string) =>
    said.once(`${level} ${text}`, () => journal.event(logEvent(level, text)))
  const instanceOf = (member: Member): Instance => topology.get(member.id)

  const execute = async (member: Member, operation: string, options: ExecuteOptions = {}): Promise<Json> => {
    const planned = instanceOf(member).planned.operations[operation]
    if (!planned || !member.does(operation)) return null
    const key = `${options.phase ?? operation}/${member.id}`
    const work = (): Promise<Json> =>
      runner.run({
        key,
        member: instanceOf(member),
        operation,
        planned,
        perform: performWhole(member, operation),
        inputs: options.inputs ?? {},
        title: options.title ?? null,
        signal: options.isOwed ? new AbortController().signal : site.signal,
        ...(options.part === undefined ? {} : { part: options.part }),
      })
    return keys.once(key, work)
  }

  const each = async (
    members: readonly Member[],
    order: Order,
    visit: (member: Member) => Promise<void>,
  ): Promise<void> => {
    const plan = planWalk(topology.instances, members, order)
    const outcome = await walk(plan, (id) => visit(topology.get(id)), { window: site.window, signal: site.signal })
    const problem = failureOf(outcome)
    if (problem) throw problem
  }

  const event: Run['event'] = (text, member) =>
    said.once(`${member?.id ?? ''} ${text}`, () =>
      journal.event(member ? nodeEvent(member.id, text) : stageEvent(text)),
    )
  const step: Run['step'] = (key, work) => keys.once(`step/${key}`, () => runStep(site, key, work))
  const once = <Value>(key: string, work: () => Promise<Value>): Promise<Value> => keys.once(key, work)
  const power = new Power({ site, runner, execute, event, step, once })

  return {
    execution: site.execution,
    deployment: site.deployment,
    members: topology.instances,
    log: { debug: log('DEBUG'), info: log('INFO'), warning: log('WARNING'), error: log('ERROR') },
    signal: site.signal,
    event,
    select: (selection) => selectInstances(topology, selection),
    step,
    execute,
    powerDown: (member, operation, options) => power.down(member, operation, options),
    powerUp: (member, operation, options) => power.up(member, operation, options),
    async executeRelationship(member, relationship, end, operation) {
      const call = relationshipCall(topology, instanceOf(member), { relationship, end, operation })
      if (!call) return null
      const perform = performWhole(call.member, operation)
      return runner.run({ ...call, perform, inputs: {}, title: null, signal: site.signal })
    },
    relationshipDoes: (relationship, end, operation) =>
      relationshipOperation({ relationship, end, operation }) !== undefined,
    walk: (operation, options) => walkOperation(operation, options, execute, each),
    each,
    bracket: async (options) => new Bracket(site, runner, ledger, options).run(),
    catalog: catalogOf(site),
    verify: (member, part, inputs) =>
      keys.once(verifyKey(part, member), () => verifyPart(site, runner, instanceOf(member), part, inputs)),
    compare: (member, part, inputs) =>
      keys.once(compareKey(part), () => comparePart(site, runner, instanceOf(member), part, inputs)),
    state: (member) => instanceOf(member).state,
    async setState(member, state) {
      instanceOf(member).state = state
      storeInstance(site, instanceOf(member))
      // What suspend found belongs to a machine that is no more.
      if (state === 'deleted') forgetPower(site, member.id)
      await journal.flush()
      await site.world.point?.('instance.recorded')
    },
    async record(member, values) {
      const now = site.world.clock.now()
      for (const { name, unit, value } of values)
        journal.statistic([site.deployment.id, member.id, name, unit, now, value])
      await journal.flush()
      await site.world.point?.('instance.recorded')
    },
  }
}

async function walkOperation(
  operation: string,
  options: WalkOptions,
  execute: Run['execute'],
  each: Run['each'],
): Promise<void> {
  const { order, inputs = {}, phase, title = operation, parts, onResult } = options
  const members = options.instances.filter((member) => member.does(operation))
  await each(members, order, async (member) => {
    const part = parts?.[member.id]
    const result = await execute(member, operation, {
      inputs,
      title,
      ...(phase === undefined ? {} : { phase }),
      ...(part === undefined ? {} : { part }),
    })
    await onResult?.(member, result)
  })
}

// Outside a bracket an operation runs in one piece, and nothing may freeze.
function performWhole(member: Member, name: string): Perform {
  return async (operation: PluginOperation, ctx, inputs) => {
    switch (operation.kind) {
      case 'run':
        return (await operation.run(ctx, inputs)) ?? null
      case 'thaw':
        return (await operation.thaw(ctx, inputs)) ?? null
      case 'cut':
        return operation.settle(ctx, await operation.cut(ctx, inputs), inputs)
      case 'freeze':
        throw fault('plan.unsupported', {
          details: {
            node: member.node.id,
            operation: name,
            reason: 'freezes, and nothing here would thaw it again: use backup, restore or suspend',
          },
        })
    }
  }
}

async function runStep<Value extends Json | void>(
  site: Site,
  key: string,
  work: (step: StepContext) => Promise<Value>,
): Promise<Value> {
  const { journal, signal, world } = site
  const stepKey = `step/${key}`
  const earlier = journal.step(stepKey)
  if (earlier?.state === 'done') return (earlier.result === null ? null : JSON.parse(earlier.result)) as Value
  const attempt = (earlier?.attempt ?? 0) + 1
  journal.intent(stepKey, attempt)
  await journal.flush()
  await world.point?.('step.intended')
  try {
    const result = await work({ attempt, inDoubt: earlier?.state === 'intent', now: world.clock.now(), signal })
    await world.point?.('step.effect')
    journal.done(stepKey, attempt, (result ?? null) as Json)
    await journal.flush()
    await world.point?.('step.recorded')
    return result
  } catch (thrown) {
    journal.failed(stepKey, attempt, asFault(thrown))
    await journal.flush()
    await world.point?.('step.recorded')
    throw thrown
  }
}

// Plans a workflow, runs it by that plan, and compares what was called with what had been planned.
import { expect } from 'chai'
import type { EventRecord, ExecutionDetails, Fermata } from '../../src/engine/api.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import type { ExecutionPlan, PlannedCall } from '../../src/lifecycle/plan/execution-plan.ts'

export interface PlannedRun {
  readonly plan: ExecutionPlan
  readonly execution: ExecutionDetails
}

/** Fails unless each planned call happened, none else did, and each after those that it waits for. */
export async function planAndRun(
  fermata: Fermata,
  question: { readonly workflow: string; readonly deploymentId: string; readonly parameters?: JsonObject },
): Promise<PlannedRun> {
  const plan = await fermata.executions.plan(question)
  expect(plan.problems.filter(({ severity }) => severity === 'error')).to.deep.equal([])
  const execution = await fermata.executions.start({ plan: plan as unknown as Json })
  expect(execution.status, JSON.stringify(execution.error)).to.equal('terminated')
  const events = await fermata.events.list({ executionId: execution.id })
  const called = callsIn(events)
  const planned = plan.phases.flatMap(({ calls }) => calls.map(nameOf))
  expect([...called.keys()].toSorted()).to.deep.equal(planned.toSorted())
  expectOrder(plan, called)
  return { plan, execution }
}

interface Called {
  readonly begun: number
  readonly ended: number
}

const nameOf = (call: PlannedCall): string => {
  const half = ['settle', 'verify', 'compare'].includes(call.role) ? ` (${call.role})` : ''
  const { source, target } = call.relationship ?? {}
  return `${source ?? ''}>${target ?? ''} ${call.instance} ${call.operation}${half}`
}

function callsIn(events: readonly EventRecord[]): ReadonlyMap<string, Called> {
  const called = new Map<string, Called>()
  for (const event of events) {
    if (!['sending_task', 'task_succeeded'].includes(event.kind)) continue
    const half = / \((settle|verify)\)'/.exec(event.message)?.[1]
    const name = `${event.sourceId ?? ''}>${event.targetId ?? ''} ${event.instanceId ?? ''} ${event.operation ?? ''}${half === undefined ? '' : ` (${half})`}`
    const known = called.get(name)
    if (event.kind === 'sending_task') {
      // What is called twice was planned twice, or the comparison would not see it.
      expect(known, `${name} is called again`).to.equal(undefined)
      called.set(name, { begun: event.sequence, ended: Infinity })
    } else if (known) called.set(name, { ...known, ended: event.sequence })
  }
  return called
}

function expectOrder({ phases }: ExecutionPlan, called: ReadonlyMap<string, Called>): void {
  const timesOf = (call: PlannedCall): Called => called.get(nameOf(call)) as Called
  const calls = new Map(phases.flatMap((phase) => phase.calls.map((call) => [call.id, call] as const)))
  for (const phase of phases) {
    const before = phases.filter(({ id }) => phase.after.includes(id)).flatMap((one) => one.calls)
    for (const call of phase.calls) {
      const waited = [...before, ...call.after.map((id) => calls.get(id) as PlannedCall)]
      for (const first of waited)
        expect(timesOf(call).begun, `${nameOf(call)} waits for ${nameOf(first)}`).to.be.above(timesOf(first).ended)
    }
  }
}

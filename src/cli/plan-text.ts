// A plan of an execution for people: what is called in which order, who stands still, what comes of it, what speaks against it.
import { formatDuration, type Duration } from '../kernel/duration.ts'
import type { ExecutionPlan, PlanProblem } from '../lifecycle/plan/execution-plan.ts'
import type { Paint } from './colours.ts'
import { guessNote } from './plan-picture.ts'
import { printableLine } from './printable.ts'
import { fieldsText, tableText, type Cell } from './table.ts'

export async function planText(plan: ExecutionPlan, paint: Paint): Promise<string> {
  const parts = [headText(plan, paint), await callsText(plan, paint)]
  for (const bracket of plan.brackets) {
    if (bracket.freezes.length > 0) parts.push(await freezesText(bracket, paint))
    if (bracket.parts.length > 0) parts.push(await partsText(bracket, paint))
  }
  if (plan.problems.length > 0) parts.push(plan.problems.map((problem) => problemText(problem, paint)).join('\n'))
  return parts.join('\n\n')
}

type Bracket = ExecutionPlan['brackets'][number]

function headText(plan: ExecutionPlan, paint: Paint): string {
  const guess = guessNote(plan)
  const calls = plan.phases.reduce((count, phase) => count + phase.calls.length, 0)
  const isKnown = calls > plan.timeline.guessed
  const fields: [string, Cell][] = [
    ['plan of', plan.workflow],
    ['deployment', plan.deploymentId],
    ['blueprint', plan.blueprintId],
    ['takes about', isKnown ? formatDuration(plan.timeline.length) : null],
    ['guessed', guess],
    ['not known', plan.unknownSteps.length === 0 ? null : `what the steps ${plan.unknownSteps.join(', ')} do`],
  ]
  return fieldsText(
    fields.filter(([, value]) => value !== null),
    paint,
  )
}

async function callsText(plan: ExecutionPlan, paint: Paint): Promise<string> {
  const about = plan.timeline.guessed > 0 ? '~' : ''
  const rows = plan.phases.flatMap(({ name, calls }) =>
    calls.map((call): Cell[] => [
      call.group,
      name,
      call.relationship ? `${call.relationship.source} -> ${call.relationship.target}` : call.instance,
      call.operation.slice(call.operation.lastIndexOf('.') + 1),
      calledBy(call),
      `${about}${formatDuration(call.from)}`,
      lengthText(call.predicted),
    ]),
  )
  if (rows.length === 0) return 'It calls nothing.'
  const sorted = rows.toSorted((left, right) => Number(left[0]) - Number(right[0]))
  const head = ['GROUP', 'PHASE', 'INSTANCE', 'OPERATION', 'CALLS', 'AT', 'TAKES']
  return `${await tableText({ head, rows: sorted, paint })}\n\nCalls of one group may run at the same time.`
}

function freezesText({ freezes, lease }: Bracket, paint: Paint): Promise<string> {
  return tableText({
    head: ['FROZEN', 'POLICY', 'DEADMAN', 'LONGEST HOLD', 'LEASE', 'LAST TIMES', 'LIMIT'],
    rows: freezes.map(({ instance, policy, left, deadman, maximum, predicted, slo }) => [
      instance,
      left === null ? policy : `${policy}: not frozen`,
      left === null ? deadman.kind : null,
      holdText(deadman),
      deadman.kind === 'none' ? null : leaseText(lease, maximum),
      lengthText(predicted),
      slo === null ? null : `${formatDuration(slo.limit)}, or ${slo.onBreach}`,
    ]),
    paint,
  })
}

function partsText({ parts }: Bracket, paint: Paint): Promise<string> {
  return tableText({
    head: ['SAVED', 'CONSISTENCY AT BEST', 'BECAUSE'],
    rows: parts.map(({ instance, consistency, reason }) => [instance, consistency, reason]),
    paint,
  })
}

export function problemText({ severity, code, message, hint }: PlanProblem, paint: Paint): string {
  const word = paint(severity === 'error' ? 'red' : severity === 'warning' ? 'yellow' : 'dim', severity)
  const line = `${word}: ${printableLine(message)} [${code}]`
  return hint === null ? line : `${line}\n  hint: ${printableLine(hint)}`
}

function holdText({ kind, longestHold }: Bracket['freezes'][number]['deadman']): string | null {
  if (kind === 'none') return null
  return longestHold === null ? 'any' : formatDuration(longestHold)
}

function leaseText(lease: Duration, maximum: Duration): string {
  const text = formatDuration(lease)
  return maximum > lease ? `${text}, at most ${formatDuration(maximum)}` : text
}

/** Scripts by their path: the runner's name tells nobody anything. */
function calledBy({ implementation, inputs }: ExecutionPlan['phases'][number]['calls'][number]): string {
  const { script_path: path, script_source: source } = inputs
  if (typeof path === 'string') return path
  return typeof source === 'string' ? 'a script in the blueprint' : implementation
}

const lengthText = (length: Duration | null): string => (length === null ? '?' : formatDuration(length))

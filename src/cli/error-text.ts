// What is printed on stderr when a command fails: one screen at most, never a stack unless asked for.
import { BlueprintRefused } from '../engine/blueprint-refused.ts'
import type { Problem } from '../blueprint/problem.ts'
import type { Fault } from '../kernel/fault.ts'
import type { Json } from '../kernel/json.ts'
import type { Paint } from './colours.ts'
import { printable } from './printable.ts'

/** How many lines of problems are shown before the rest is only counted. */
const screenLines = 40

export async function errorText(fault: Fault, paint: Paint, isDebug: boolean): Promise<string> {
  if (fault instanceof BlueprintRefused) return problemsText(fault.problems, fault.source, paint, fault.what)
  const hint = usableHint(fault.hint)
  const lines = [
    `${paint('red', 'error:')} ${printable(fault.message)} ${paint('dim', `[${fault.code}]`)}`,
    ...(hint === undefined ? [] : [`${paint('cyan', 'hint:')} ${printable(hint)}`]),
    ...(isDebug ? [stackText(fault)] : bugAdvice(fault)),
  ]
  return lines.join('\n')
}

/** Every problem with its source line, and their count at the end. */
export async function problemsText(
  problems: readonly Problem[],
  source: Readonly<Record<string, string>>,
  paint: Paint,
  what = 'blueprint',
): Promise<string> {
  const { describeProblem } = await import('../blueprint/describe.ts')
  const blocks: string[] = []
  let lines = 0
  for (const problem of problems) {
    const text = describeProblem(problem, source[problem.file])
    lines += text.split('\n').length
    if (blocks.length > 0 && lines > screenLines) break
    blocks.push(text)
  }
  const left = problems.length - blocks.length
  const more = left > 0 ? ` (${left} more not shown; --json lists all)` : ''
  return `${printable(blocks.join('\n'))}\n${countText(problems, `the ${what}`, more, paint)}`
}

function countText(problems: readonly Problem[], what: string, more: string, paint: Paint): string {
  const isWarned = problems.every(({ severity }) => severity === 'warning')
  const word = isWarned ? 'warning' : 'problem'
  const count = problems.length === 1 ? `one ${word}` : `${problems.length} ${word}s`
  if (isWarned) return `${paint('yellow', 'warning:')} ${what} has ${count}${more}`
  return `${paint('red', 'error:')} ${what} has ${count}${more} ${paint('dim', '[blueprint.invalid]')}`
}

/** The same for programs. */
export function errorJson(fault: Fault): Json {
  const problems =
    fault instanceof BlueprintRefused ? { problems: fault.problems.map((problem) => ({ ...problem })) } : {}
  return { error: { ...fault.toJSON(), ...problems } }
}

/** A place that no detail filled says nothing to anybody. */
function usableHint(hint: string | undefined): string | undefined {
  return hint === undefined || hint === '' || /\{\w+\}/.test(hint) ? undefined : hint
}

function bugAdvice(fault: Fault): string[] {
  return fault.code === 'engine.unexpected'
    ? ['This is a mistake in fermata. Run it again with --debug and report what it shows.']
    : []
}

function stackText(fault: Fault): string {
  const stacks: string[] = []
  for (let error: unknown = fault; error instanceof Error && stacks.length < 5; error = error.cause) {
    stacks.push(printable(error.stack ?? error.message))
  }
  return stacks.join('\ncaused by: ')
}

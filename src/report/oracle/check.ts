// The oracle: holds one log against every invariant. Pure, and ignorant of the engine, so that it cannot share its mistakes.
import type { Instant } from '../../kernel/duration.ts'
import { shownEntry, type LogEntry } from './entry.ts'
import type { Facts } from './facts.ts'
import { bracketOfEvents } from './node-events.ts'
import type { Finding, Rule } from './rule.ts'
import { rules } from './rules.ts'
import { LogView } from './view.ts'

export interface Violation {
  readonly rule: string
  readonly message: string
  readonly instance: string | null
  readonly bracket: string | null
  /** What breaks the rule, in the order of the log. */
  readonly entries: readonly { readonly sequence: number; readonly at: Instant; readonly text: string }[]
}

export interface CheckedRule {
  readonly id: string
  readonly claim: string
  /** `silent`: the log has not what the rule looks at. */
  readonly state: 'kept' | 'broken' | 'silent'
}

export interface CheckedLog {
  readonly entries: number
  readonly rules: readonly CheckedRule[]
  readonly violations: readonly Violation[]
}

/**
 * Checks the promises over the log of one execution.
 *
 * @example
 * checkLog(readTranscript(text)).violations.map(({ rule, message }) => `${rule}: ${message}`)
 */
export function checkLog(entries: readonly LogEntry[], facts: Facts = {}): CheckedLog {
  const view = new LogView(entries, facts)
  const violations: Violation[] = []
  const checked = rules.map((rule): CheckedRule => {
    const { id, claim } = rule
    if (!applies(rule, view)) return { id, claim, state: 'silent' }
    const found = [...rule.check(view)].map((finding) => violationOf(rule, finding, entries))
    violations.push(...found)
    return { id, claim, state: found.length === 0 ? 'kept' : 'broken' }
  })
  return { entries: entries.length, rules: checked, violations }
}

function applies(rule: Rule, view: LogView): boolean {
  switch (rule.needs) {
    case 'moments':
      return view.hasMoments
    case 'events':
      return view.events.length > 0
    case 'bracket':
      return view.moments.length > 0
    case 'anything':
      return view.entries.length > 0
  }
}

function violationOf(rule: Rule, finding: Finding, log: readonly LogEntry[]): Violation {
  // What was concluded from an event is shown as that event.
  const shown = finding.entries.map((entry) => log[entry.position - 1] ?? entry)
  return {
    rule: rule.id,
    message: finding.message,
    instance: finding.instance ?? null,
    bracket: finding.bracket === bracketOfEvents ? null : (finding.bracket ?? null),
    entries: shown.map((entry) => ({ sequence: entry.sequence, at: entry.at, text: shownEntry(entry) })),
  }
}

// The order of a bracket and of walks along the dependency graph.
import type { Json } from '../../../kernel/json.ts'
import type { EventEntry, MomentEntry } from '../entry.ts'
import type { Finding, Rule } from '../rule.ts'
import type { LogView } from '../view.ts'

export const freezeInOrder: Rule = {
  id: 'freeze-in-order',
  promise: 'order',
  claim: 'Services are frozen before computes, and dependents before what they depend on.',
  needs: 'moments',
  *check(log) {
    for (const [bracket, first, second] of orderedPairs(log)) {
      const begun = firstOf(log, bracket, second, 'freeze.begun')
      const done = lastOf(log, bracket, first, 'freeze.done')
      if (!begun || !done || done.position < begun.position) continue
      const message = `${second} was frozen before ${first}, which goes first`
      yield { message, instance: second, bracket, entries: [begun, done] }
    }
  },
}

export const thawInReverse: Rule = {
  id: 'thaw-in-reverse',
  promise: 'order',
  claim: 'Thaws run in the reverse order of the freezes.',
  needs: 'moments',
  *check(log) {
    for (const [bracket, first, second] of orderedPairs(log)) {
      const begun = firstOf(log, bracket, first, 'thaw.begun')
      const frozen = firstOf(log, bracket, second, 'freeze.done')
      if (!begun || !frozen || log.leftIn(bracket).has(first)) continue
      // A thaw that failed keeps nobody else waiting.
      const last = log.brackets
        .get(bracket)
        ?.findLast((moment) => isOf(moment, second) && moment.position < begun.position)
      if (last?.type !== 'freeze.done' && last?.type !== 'thaw.begun') continue
      const message = `${first} was thawed before ${second}, which was frozen after it`
      yield { message, instance: first, bracket, entries: [last, begun] }
    }
  },
}

const isOf = (moment: MomentEntry, instance: string): boolean =>
  moment.instance === instance && (moment.type === 'freeze.done' || moment.type.startsWith('thaw.'))

// Pairs whose order is promised, as far as it is known: by tiers, and inside a tier by what depends on what.
function* orderedPairs(log: LogView): Iterable<readonly [string, string, string]> {
  for (const opened of log.of('bracket.opened')) {
    const tiers = tiersOf(opened)
    const bracket = opened.bracket ?? ''
    for (const [index, tier] of tiers.entries()) {
      const later = tiers.slice(index + 1).flat()
      for (const first of tier) {
        for (const second of later) yield [bracket, first, second]
        const needed = reliesOn(log, first)
        for (const second of tier) if (second !== first && needed.has(second)) yield [bracket, first, second]
      }
    }
  }
}

// Without tiers, as in a list of ids, nothing is known of who goes first.
function tiersOf(opened: MomentEntry): readonly (readonly string[])[] {
  const { tiers } = opened.fields
  if (!Array.isArray(tiers)) return []
  const isNested = tiers.every((tier) => Array.isArray(tier))
  return (isNested ? (tiers as readonly Json[][]) : [tiers]).map((tier) => tier.filter((id) => typeof id === 'string'))
}

/** Everything that the instance relies on, directly or by way of others. */
function reliesOn(log: LogView, instance: string): ReadonlySet<string> {
  const dependencies = log.facts.dependencies ?? {}
  const found = new Set<string>()
  const ahead = [...(dependencies[instance] ?? [])]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (found.has(next)) continue
    found.add(next)
    ahead.push(...(dependencies[next] ?? []))
  }
  found.delete(instance)
  return found
}

function firstOf(log: LogView, bracket: string, instance: string, type: MomentEntry['type']): MomentEntry | undefined {
  return log.brackets.get(bracket)?.find((moment) => moment.type === type && moment.instance === instance)
}

function lastOf(log: LogView, bracket: string, instance: string, type: MomentEntry['type']): MomentEntry | undefined {
  return log.brackets.get(bracket)?.findLast((moment) => moment.type === type && moment.instance === instance)
}

const dependenciesFirst = ['create', 'configure', 'start', 'resume']
const dependentsFirst = ['stop', 'delete', 'suspend']

export const failureStopsOthers: Rule = {
  id: 'failure-stops-others',
  promise: 'order',
  claim:
    'Where an operation failed, it is not started on the nodes that wait for that one, unless failures are to be ignored.',
  needs: 'events',
  *check(log) {
    if (log.facts.dependencies === undefined || log.facts.ignoresFailures || isUnordered(log)) return
    const failed = new Map<string, EventEntry>()
    // What fails without having been sent is a look at the node, not the operation.
    const sent = new Set<string>()
    for (const event of log.events) {
      if (event.type === 'workflow_started') failed.clear()
      const { instance, operation } = event
      if (instance === null || operation === null || event.pair !== null || !isWalked(operation)) continue
      const key = `${operation} ${instance}`
      if (event.type === 'task_succeeded') sent.delete(key)
      else if (event.type === 'task_failed' && sent.has(key)) failed.set(key, event)
      else if (event.type === 'sending_task') {
        sent.add(key)
        failed.delete(key)
        yield* waitingFor(log, event, operation, instance, failed)
      }
    }
  },
}

// execute_operation runs everywhere at once unless it is told otherwise.
function isUnordered(log: LogView): boolean {
  return log.of('execution.started').some((moment) => moment.fields['workflow'] === 'execute_operation')
}

function* waitingFor(
  log: LogView,
  event: EventEntry,
  operation: string,
  instance: string,
  failed: ReadonlyMap<string, EventEntry>,
): Iterable<Finding> {
  for (const earlier of failed.values()) {
    if (earlier.operation !== operation || earlier.instance === null) continue
    const waits = dependenciesFirst.includes(wordOf(operation))
      ? reliesOn(log, instance).has(earlier.instance)
      : reliesOn(log, earlier.instance).has(instance)
    if (!waits) continue
    const message = `${operation} was sent to ${instance} after it had failed on ${earlier.instance}`
    yield { message, instance, entries: [earlier, event] }
  }
}

// Of interfaces that are walked along the graph; a bracket's snapshot.delete takes back in any order.
function isWalked(operation: string): boolean {
  const isKnown = [...dependenciesFirst, ...dependentsFirst].includes(wordOf(operation))
  return isKnown && !operation.includes('.snapshot.')
}

const wordOf = (operation: string): string => operation.slice(operation.lastIndexOf('.') + 1)

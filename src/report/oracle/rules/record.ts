// The record itself: complete, in order, consistent with itself, and without secrets.
import { shownEntry, textOf, type EventEntry, type LogEntry } from '../entry.ts'
import { canonicalJson } from '../../../kernel/json.ts'
import type { Rule } from '../rule.ts'
import { endStatus } from '../view.ts'

export const sequenceWithoutGaps: Rule = {
  id: 'sequence-without-gaps',
  promise: 'record',
  claim: 'Events are counted from 1, and no number is missing or used twice.',
  needs: 'events',
  *check(log) {
    for (const [index, event] of log.events.entries()) {
      if (event.sequence === index + 1) continue
      yield { message: `event ${index + 1} of the log has the number ${event.sequence}`, entries: [event] }
      return
    }
  },
}

export const timeGoesForward: Rule = {
  id: 'time-goes-forward',
  promise: 'record',
  claim: 'Within one process no entry is older than the one before it.',
  needs: 'anything',
  *check(log) {
    let before: LogEntry | undefined
    for (const entry of log.entries) {
      if (entry.source === 'gap') continue
      if (before && entry.at < before.at && log.lifeOf(entry) === log.lifeOf(before))
        yield { message: `${shownEntry(entry)} is older than what came before it`, entries: [before, entry] }
      before = entry
    }
  },
}

export const sentBeforeStarted: Rule = {
  id: 'sent-before-started',
  promise: 'resume',
  claim: 'A task is sent, which is on disk, before it is started, and started before it succeeds.',
  needs: 'events',
  *check(log) {
    if (log.hasGaps) return
    const stages = new Map<string, number>()
    for (const event of log.events) {
      if (event.type === 'workflow_started') stages.clear()
      const stage = stageOf(event)
      if (stage === undefined) continue
      const key = [event.instance, event.pair, event.operation, stage].join(' ')
      const earlier = [event.instance, event.pair, event.operation, stage - 1].join(' ')
      const count = (stages.get(key) ?? 0) + 1
      stages.set(key, count)
      if (stage === 0 || count <= (stages.get(earlier) ?? 0)) continue
      const what = `${event.operation} of ${event.pair ?? event.instance}`
      const message = stage === 1 ? `${what} was started and not sent` : `${what} succeeded and was not started`
      yield { message, instance: event.instance, entries: [event] }
    }
  },
}

const stages = ['sending_task', 'task_started', 'task_succeeded']

function stageOf(event: EventEntry): number | undefined {
  const stage = stages.indexOf(event.type)
  return stage < 0 ? undefined : stage
}

export const endsWereBegun: Rule = {
  id: 'ends-were-begun',
  promise: 'record',
  claim: 'What is said to be done, or to have failed, was begun by the same process.',
  needs: 'moments',
  *check(log) {
    const open = new Set<string>()
    const done = new Set<string>()
    for (const moment of log.moments) {
      const [what, stage = ''] = moment.type.split('.')
      if (what === undefined || !halves.has(what)) continue
      const { instance, bracket } = moment
      const key = `${log.lifeOf(moment)} ${bracket} ${instance} ${what}`
      if (stage === 'begun') open.add(key)
      if (stage !== 'done' && stage !== 'failed') continue
      // An attempt may fail behind what it did: the node runs again, and its deadman does not answer.
      const wasBegun = open.delete(key) || (stage === 'failed' && done.delete(key))
      if (stage === 'done') done.add(key)
      if (!wasBegun)
        yield { message: `${moment.type} of ${instance}, which was not begun`, instance, bracket, entries: [moment] }
    }
  },
}

const halves = new Set(['freeze', 'cut', 'thaw', 'settle', 'undo'])

export const toldAsRecorded: Rule = {
  id: 'told-as-recorded',
  promise: 'truth',
  claim: 'What users are told of the end of an execution is what is recorded of it.',
  needs: 'moments',
  *check(log) {
    for (const moment of log.of('execution.ended')) {
      const event = log.entries.findLast(
        (entry) => entry.source === 'event' && endStatus(entry) !== null && entry.position < moment.position,
      )
      if (!event || log.lifeOf(event) !== log.lifeOf(moment) || endStatus(event) === textOf(moment, 'status')) continue
      const message = `told to be ${endStatus(event)}, recorded as ${textOf(moment, 'status')}`
      yield { message, entries: [event, moment] }
    }
  },
}

export const secretsAreMasked: Rule = {
  id: 'secrets-are-masked',
  promise: 'record',
  claim: 'No secret stands in any entry.',
  needs: 'anything',
  *check(log) {
    const secrets = (log.facts.secrets ?? []).filter((secret) => secret.length >= 4)
    if (secrets.length === 0) return
    for (const entry of log.entries) {
      const text = wholeText(entry)
      if (!secrets.some((secret) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1))))
        continue
      // The entry itself must not be shown: it would tell the secret once more.
      const instance = entry.source === 'gap' ? null : entry.instance
      const message = `a secret stands in entry ${entry.position} (${entry.type}, event ${entry.sequence})`
      yield { message, instance, entries: [] }
    }
  },
}

function wholeText(entry: LogEntry): string {
  if (entry.source === 'gap') return ''
  if (entry.source === 'event') return [entry.text, entry.instance, entry.operation, entry.pair].join('\n')
  return [canonicalJson(entry.fields), entry.instance, entry.bracket].join('\n')
}

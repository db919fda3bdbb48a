// The lives of an execution: it begins once, a resumed one thaws first, a cancelled one begins nothing.
import { isTrue, numberOf, textOf, type LogEntry, type MomentEntry } from '../entry.ts'
import type { Rule } from '../rule.ts'
import { isHeld, standOf } from '../stand.ts'
import { endStatus, type LogView } from '../view.ts'

export const oneBeginning: Rule = {
  id: 'one-beginning',
  promise: 'resume',
  claim: 'An execution begins once; every later process that works on it says that it carries on.',
  needs: 'moments',
  *check(log) {
    // The first process may have died before it could record anything: who carries on may then be the first in the log.
    for (const moment of log.of('execution.started').slice(1)) {
      if (!isTrue(moment, 'isResumed')) yield { message: 'the execution was begun anew', entries: [moment] }
    }
  },
}

export const nothingAfterTheEnd: Rule = {
  id: 'nothing-after-the-end',
  promise: 'record',
  claim: 'Once the end of an execution is recorded nothing but mails about it follows, unless it is resumed.',
  needs: 'anything',
  *check(log) {
    let end: LogEntry | undefined
    for (const entry of log.entries) {
      if (end && log.lifeOf(entry) !== log.lifeOf(end)) end = undefined
      if (entry.source === 'event' && entry.type === 'mail') continue
      if (end && endStatus(entry) === null) {
        const instance = entry.source === 'gap' ? null : entry.instance
        yield { message: 'something happened after the execution had ended', instance, entries: [end, entry] }
      }
      if (endStatus(entry) !== null) end = entry
    }
  },
}

export const resumeThawsFirst: Rule = {
  id: 'resume-thaws-first',
  promise: 'resume',
  claim: 'Whoever carries on an execution thaws what was left frozen before anything else.',
  needs: 'moments',
  *check(log) {
    const frozen = new Map<string, MomentEntry>()
    for (const entry of log.entries) {
      if (entry.source === 'moment') {
        const key = `${entry.bracket} ${entry.instance}`
        const stand = standOf(entry)
        if (begins.has(entry.type)) {
          const left = [...frozen.values()].filter((moment) => log.lifeOf(moment) < log.lifeOf(entry))
          if (left.length > 0) {
            const names = left.map((moment) => moment.instance).join(', ')
            const message = `${entry.type} while ${names} stood frozen from before`
            yield { message, instance: entry.instance, bracket: entry.bracket, entries: [...left, entry] }
          }
        }
        if (stand && isHeld(stand) && entry.type.startsWith('freeze.')) frozen.set(key, entry)
        else if ((stand && !isHeld(stand)) || numberOf(entry, 'firedAt') !== null) frozen.delete(key)
      }
    }
  },
}

const begins = new Set(['freeze.begun', 'cut.begun', 'settle.begun', 'undo.begun', 'point.sealed', 'part.deleting'])

export const nothingBeginsAfterCancel: Rule = {
  id: 'nothing-begins-after-cancel',
  promise: 'nothing left',
  claim: 'Once an execution is cancelled nobody is frozen, cut or deleted any more.',
  needs: 'moments',
  *check(log) {
    let cancelled: MomentEntry | undefined
    for (const moment of log.moments) {
      if (cancelled && log.lifeOf(moment) !== log.lifeOf(cancelled)) cancelled = undefined
      if (moment.type === 'execution.cancelled') cancelled = moment
      if (!cancelled || !(stopped as ReadonlySet<string>).has(moment.type)) continue
      // The cancel came too late: all was done, and only the books were to be closed.
      if (moment.type === 'point.sealed' && endsWell(log, moment)) continue
      const { instance, bracket } = moment
      const message = `${moment.type}${instance ? ` of ${instance}` : ''} after the cancel`
      yield { message, instance, bracket, entries: [cancelled, moment] }
    }
  },
}

function endsWell(log: LogView, moment: MomentEntry): boolean {
  const end = log.of('execution.ended').find((other) => log.lifeOf(other) === log.lifeOf(moment))
  return end !== undefined && textOf(end, 'status') === 'terminated'
}

const stopped = new Set(['freeze.begun', 'cut.begun', 'settle.begun', 'point.sealed', 'part.deleting'])

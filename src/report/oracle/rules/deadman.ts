// The life of a deadman: armed, perhaps extended, disarmed once, and never before the node was seen to run again.
import { numberOf, textOf, type MomentEntry } from '../entry.ts'
import type { Rule } from '../rule.ts'
import type { LogView } from '../view.ts'

export const disarmAfterThaw: Rule = {
  id: 'disarm-after-thaw',
  promise: 'thaw',
  claim: 'A deadman is disarmed only when its node was seen to run again, or when a newer one is armed in its place.',
  needs: 'moments',
  *check(log) {
    for (const [token, own] of byToken(log)) {
      for (const disarm of own.filter((moment) => moment.type === 'deadman.disarmed')) {
        const before = own.filter((moment) => moment.position < disarm.position)
        const frozen = before.filter((moment) => moment.type === 'freeze.begun').at(-1)
        if (!frozen || numberOf(disarm, 'firedAt') !== null || armedOf(before) > 1) continue
        if (hasNoEffect(frozen, before) || isThawed(log, frozen, disarm)) continue
        const { instance, bracket } = disarm
        const message = `the deadman of ${instance} (${token}) was disarmed before its thaw was done`
        yield { message, instance, bracket, entries: [frozen, disarm] }
      }
    }
  },
}

export const everyDeadmanIsDisarmed: Rule = {
  id: 'every-deadman-is-disarmed',
  promise: 'nothing left',
  claim:
    'Every deadman that was armed is disarmed, and none twice; it stays only where a thaw failed or a freeze never answered.',
  needs: 'moments',
  *check(log) {
    for (const [token, own] of byToken(log)) {
      const armed = own.filter((moment) => moment.type === 'deadman.armed' && textOf(moment, 'kind') !== 'none')
      const disarmed = own.filter((moment) => moment.type === 'deadman.disarmed')
      const [first] = armed
      if (!first) continue
      const { instance, bracket } = first
      const twice = Map.groupBy(disarmed, (moment) => log.lifeOf(moment))
      if ([...twice.values()].some((ofOneLife) => ofOneLife.length > armed.length)) {
        const message = `the deadman of ${instance} (${token}) was disarmed more often than armed`
        yield { message, instance, bracket, entries: [...armed, ...disarmed] }
      }
      const last = armed.at(-1) as MomentEntry
      if (disarmed.some((moment) => moment.position > last.position)) continue
      if (!log.isClosed(bracket ?? '') || hasFailedThaw(log, last) || neverAnswered(own, last)) continue
      const message = `the deadman of ${instance} (${token}) was left armed`
      yield { message, instance, bracket, entries: [last] }
    }
  },
}

export const extensionWithinMaximum: Rule = {
  id: 'extension-within-maximum',
  promise: 'thaw',
  claim: 'A lease is extended while it lasts, and never beyond the maximum that the deadman was armed with.',
  needs: 'moments',
  *check(log) {
    for (const own of byToken(log).values()) {
      let until = -Infinity
      let latest = -Infinity
      let armed: MomentEntry | undefined
      for (const moment of own) {
        if (moment.type === 'deadman.armed') {
          armed = moment
          until = moment.at + (numberOf(moment, 'lease') ?? Infinity)
          latest = moment.at + (numberOf(moment, 'maximum') ?? numberOf(moment, 'lease') ?? Infinity)
        } else if (moment.type === 'deadman.extended' && armed) {
          const { instance, bracket } = moment
          const wanted = numberOf(moment, 'until') ?? 0
          const isLate = moment.at > until
          if (isLate || wanted > latest) {
            const why = isLate ? 'after it had ended' : `${wanted - latest} ms beyond its maximum`
            const message = `the lease of ${instance} was extended ${why}`
            yield { message, instance, bracket, entries: [armed, moment] }
          }
          until = wanted
        }
      }
    }
  },
}

function byToken(log: LogView): Map<string, MomentEntry[]> {
  const withToken = log.moments.filter((moment) => textOf(moment, 'token') !== null)
  return Map.groupBy(withToken, (moment) => textOf(moment, 'token') ?? '')
}

function armedOf(moments: readonly MomentEntry[]): number {
  const count = (type: string): number => moments.filter((moment) => moment.type === type).length
  return count('deadman.armed') - count('deadman.disarmed')
}

function hasNoEffect(frozen: MomentEntry, before: readonly MomentEntry[]): boolean {
  const failed = before.find((moment) => moment.type === 'freeze.failed' && moment.position > frozen.position)
  return failed !== undefined && textOf(failed, 'effect') === 'none'
}

function isThawed(log: LogView, frozen: MomentEntry, disarm: MomentEntry): boolean {
  return thawsOf(log, frozen, 'thaw.done').some((moment) => moment.position < disarm.position)
}

// Also when the node runs again and only its deadman did not answer: that attempt has failed, and says so.
function hasFailedThaw(log: LogView, armed: MomentEntry): boolean {
  const last = (type: 'thaw.done' | 'thaw.failed'): number => thawsOf(log, armed, type).at(-1)?.position ?? 0
  return last('thaw.failed') > last('thaw.done')
}

// A freeze that was given up may still come: only the deadman can undo it then.
function neverAnswered(own: readonly MomentEntry[], armed: MomentEntry): boolean {
  const end = own.findLast((moment) => moment.type === 'freeze.done' || moment.type === 'freeze.failed')
  const isOpen = end?.type === 'freeze.failed' && textOf(end, 'effect') !== 'none'
  return isOpen && end.position > armed.position
}

function thawsOf(log: LogView, since: MomentEntry, type: 'thaw.done' | 'thaw.failed'): readonly MomentEntry[] {
  return log
    .of(type)
    .filter(
      (moment) =>
        moment.instance === since.instance && moment.bracket === since.bracket && moment.position > since.position,
    )
}

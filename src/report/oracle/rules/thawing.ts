// That every node runs again: by us, or by its deadman, and in time.
import type { Instant } from '../../../kernel/duration.ts'
import { numberOf, textOf, type MomentEntry } from '../entry.ts'
import type { Finding, Rule } from '../rule.ts'
import type { LogView } from '../view.ts'

export const everyFreezeIsThawed: Rule = {
  id: 'every-freeze-is-thawed',
  promise: 'thaw',
  claim:
    'Every freeze is followed by a thaw or by its deadman before its bracket is closed; where a thaw failed, a deadman is still armed.',
  needs: 'bracket',
  *check(log) {
    for (const [bracket, moments] of log.brackets) {
      if (!log.isClosed(bracket)) continue
      for (const [instance, own] of byInstance(moments)) {
        const frozen = own.findLast((moment) => freezes.has(moment.type))
        const closed = moments.find((moment) => isClosing(moment) && moment.position > (frozen?.position ?? 0))
        const before = own.filter((moment) => moment.position < (closed?.position ?? Infinity))
        if (!frozen || endsWithout(frozen, before)) continue
        yield { message: `${instance} was frozen and not thawed`, instance, bracket, entries: [frozen] }
      }
    }
  },
}

const freezes = new Set(['freeze.begun', 'freeze.done'])

const isClosing = ({ type }: MomentEntry): boolean => type === 'bracket.thawed' || type === 'bracket.abandoned'

// Nobody is left frozen behind the last freeze: it is thawed, its deadman fired, it never took effect, or the deadman
// goes on where we had to give up.
function endsWithout(frozen: MomentEntry, own: readonly MomentEntry[]): boolean {
  const after = own.filter((moment) => moment.position > frozen.position)
  const has = (type: string): boolean => after.some((moment) => moment.type === type)
  if (has('thaw.done') || after.some((moment) => numberOf(moment, 'firedAt') !== null)) return true
  if (after.some((moment) => moment.type === 'freeze.failed' && textOf(moment, 'effect') === 'none')) return true
  const isArmed = own.some((moment) => moment.type === 'deadman.armed' && textOf(moment, 'kind') !== 'none')
  return has('thaw.failed') && isArmed && !has('deadman.disarmed')
}

/** What a deadman may take beyond its lease. */
const grace = 2000

export const thawWithinLease: Rule = {
  id: 'thaw-within-lease',
  promise: 'thaw',
  claim: 'A node with a deadman runs again at most two seconds after its lease.',
  needs: 'moments',
  *check(log) {
    for (const moments of log.brackets.values()) {
      for (const [instance, own] of byInstance(moments)) yield* lateThaws(log, instance, own)
    }
  },
}

function* lateThaws(log: LogView, instance: string | null, own: readonly MomentEntry[]): Iterable<Finding> {
  let until: Instant | null = null
  let frozen: MomentEntry | undefined
  for (const moment of own) {
    if (moment.type === 'deadman.armed') until = endOfLease(moment)
    else if (moment.type === 'deadman.extended') until = numberOf(moment, 'until') ?? until
    else if (moment.type === 'freeze.begun') frozen = moment
    else if (moment.type === 'thaw.done' && frozen && until !== null) {
      const fired = own.find((other) => other.position > moment.position && other.type === 'deadman.disarmed')
      const thawedAt = Math.min(moment.at, (fired && numberOf(fired, 'firedAt')) ?? Infinity)
      if (thawedAt > until + grace && !wasThawedBefore(log, own, moment, until + grace)) {
        const late = `${instance} ran again ${thawedAt - until} ms after the end of its lease`
        yield { message: late, instance, bracket: moment.bracket, entries: [frozen, moment] }
      }
      frozen = undefined
    }
  }
}

// A process that died at the thaw may have done it: who carries on sees only that the node runs.
function wasThawedBefore(log: LogView, own: readonly MomentEntry[], thawed: MomentEntry, limit: Instant): boolean {
  const isEarlier = (moment: MomentEntry): boolean => log.lifeOf(moment) !== log.lifeOf(thawed) && moment.at <= limit
  return own.some((moment) => moment.type === 'thaw.begun' && isEarlier(moment))
}

function endOfLease(armed: MomentEntry): Instant | null {
  const lease = numberOf(armed, 'lease')
  return lease === null || textOf(armed, 'kind') === 'none' ? null : armed.at + lease
}

export const thawAfterFreeze: Rule = {
  id: 'thaw-after-freeze',
  promise: 'order',
  claim: 'A thaw does not begin while the freeze of the same node is under way.',
  needs: 'bracket',
  *check(log) {
    for (const [bracket, moments] of log.brackets) {
      for (const [instance, own] of byInstance(moments)) {
        for (const thaw of own.filter((moment) => moment.type === 'thaw.begun')) {
          const freeze = lastOf(own, freezeMoments, thaw)
          // What a dead process had begun, or what did not heed the signal, is thawed all the same.
          if (freeze?.type !== 'freeze.begun' || log.lifeOf(freeze) !== log.lifeOf(thaw)) continue
          const end = own.find((moment) => moment.position > thaw.position && freezeMoments.has(moment.type))
          if (end?.type !== 'freeze.done') continue
          const message = `the thaw of ${instance} began before its freeze was done`
          yield { message, instance, bracket, entries: [freeze, thaw, end] }
        }
      }
    }
  },
}

const freezeMoments = new Set(['freeze.begun', 'freeze.done', 'freeze.failed'])

function lastOf(own: readonly MomentEntry[], types: ReadonlySet<string>, before: MomentEntry): MomentEntry | undefined {
  return own.filter((moment) => types.has(moment.type) && moment.position < before.position).at(-1)
}

function byInstance(moments: readonly MomentEntry[]): Map<string | null, MomentEntry[]> {
  return Map.groupBy(moments, (moment) => moment.instance)
}

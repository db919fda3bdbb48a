// The bracket: a cut happens only while everybody stands still.
import { textOf, textsOf, type MomentEntry } from '../entry.ts'
import type { Rule } from '../rule.ts'
import { standOf, type Stand } from '../stand.ts'
import type { LogView } from '../view.ts'

export const cutWhileFrozen: Rule = {
  id: 'cut-while-frozen',
  promise: 'order',
  claim: 'A cut begins only when everybody in its bracket is frozen, but for those who are known to stay unfrozen.',
  needs: 'bracket',
  *check(log) {
    for (const [bracket, moments] of log.brackets) {
      const members = freezersOf(log, bracket, moments)
      const stand = new Map<string | null, Stand>()
      for (const moment of moments) {
        const { type, instance } = moment
        const next = standOf(moment)
        if (next) stand.set(instance, next)
        if (type !== 'cut.begun') continue
        const running = members.filter((member) => isUnfrozen(stand.get(member)))
        if (running.length === 0) continue
        const message = `${instance} was cut while ${running.join(', ')} was not frozen`
        yield { message, instance, bracket, entries: [...lastMoments(moments, running, moment), moment] }
      }
    }
  },
}

export const thawAfterCut: Rule = {
  id: 'thaw-after-cut',
  promise: 'order',
  claim: 'No thaw begins before the last cut of its bracket has ended, and no cut begins after a thaw has.',
  needs: 'bracket',
  *check(log) {
    for (const [bracket, moments] of log.brackets) {
      const left = log.leftIn(bracket)
      const thaws = moments.filter((moment) => moment.type === 'thaw.begun' && !left.has(moment.instance))
      for (const begun of moments.filter((moment) => moment.type === 'cut.begun')) {
        const thaw = thaws.find((moment) => isWithin(log, moments, begun, moment))
        if (!thaw) continue
        const { instance } = thaw
        const message = `the thaw of ${instance} began before the cut of ${begun.instance} had ended`
        const entries = [begun, thaw].toSorted((one, other) => one.position - other.position)
        yield { message, instance, bracket, entries }
      }
    }
  },
}

function isUnfrozen(stand: Stand | undefined): boolean {
  return stand === undefined || stand === 'freezing' || stand === 'refused'
}

// Those that the bracket means to freeze. Where it says nothing: those that are frozen at some time.
function freezersOf(log: LogView, bracket: string, moments: readonly MomentEntry[]): readonly string[] {
  const left = log.leftIn(bracket)
  const planned = moments.filter((moment) => moment.type === 'bracket.opened').flatMap((of) => textsOf(of, 'tiers'))
  const begun = moments.filter((moment) => moment.type === 'freeze.begun').map((moment) => moment.instance ?? '')
  return [...new Set([...planned, ...begun])].filter((member) => !left.has(member))
}

// A thaw while the cut is under way counts when the cut goes on to be worth something: one that fails, or whose bracket
// is given up, does not.
function isWithin(log: LogView, moments: readonly MomentEntry[], begun: MomentEntry, thaw: MomentEntry): boolean {
  if (log.lifeOf(begun) !== log.lifeOf(thaw) || log.isAbandoned(begun.bracket ?? '')) return false
  const end = moments.find((moment) => moment.position > begun.position && isEndOf(moment, begun))
  if (end?.type === 'cut.failed') return false
  const refrozen = moments.some(
    (moment) =>
      moment.type === 'freeze.begun' &&
      moment.instance === thaw.instance &&
      moment.position > thaw.position &&
      moment.position < begun.position,
  )
  return !refrozen && (end === undefined || thaw.position < end.position)
}

function isEndOf(moment: MomentEntry, begun: MomentEntry): boolean {
  if (moment.type !== 'cut.done' && moment.type !== 'cut.failed') return false
  return moment.instance === begun.instance && textOf(moment, 'key') === textOf(begun, 'key')
}

function lastMoments(moments: readonly MomentEntry[], members: readonly string[], before: MomentEntry): MomentEntry[] {
  return members.flatMap((member) => {
    const last = moments
      .filter((moment) => moment.instance === member && standOf(moment) && moment.position < before.position)
      .at(-1)
    return last ? [last] : []
  })
}

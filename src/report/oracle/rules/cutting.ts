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
      if (log.isAbandoned(bracket)) continue
      for (const [cut, thaw] of overlaps(log, bracket, moments)) {
        // One that fails is worth nothing, whoever was thawed meanwhile.
        const end = moments.find((moment) => moment.position > cut.position && isEndOf(moment, cut))
        if (end?.type === 'cut.failed') continue
        const { instance } = thaw
        const message = `the thaw of ${instance} began before the cut of ${cut.instance} had ended`
        const entries = [cut, thaw].toSorted((one, other) => one.position - other.position)
        yield { message, instance, bracket, entries }
      }
    }
  },
}

// Each cut with the first thaw that began before it ended, in the same process: of what was under way when one died
// nothing is known.
function* overlaps(
  log: LogView,
  bracket: string,
  moments: readonly MomentEntry[],
): Iterable<readonly [MomentEntry, MomentEntry]> {
  const left = log.leftIn(bracket)
  const cuts = new Map<string, MomentEntry>()
  const thaws = new Map<string | null, MomentEntry>()
  let life = 0
  for (const moment of moments) {
    if (log.lifeOf(moment) !== life) {
      cuts.clear()
      thaws.clear()
      life = log.lifeOf(moment)
    }
    const key = `${moment.instance} ${textOf(moment, 'key')}`
    if (moment.type === 'freeze.begun') thaws.delete(moment.instance)
    else if (moment.type === 'cut.done' || moment.type === 'cut.failed') cuts.delete(key)
    else if (moment.type === 'cut.begun') {
      const [thaw] = thaws.values()
      if (thaw) yield [moment, thaw]
      else cuts.set(key, moment)
    } else if (moment.type === 'thaw.begun' && !left.has(moment.instance)) {
      thaws.set(moment.instance, moment)
      for (const cut of cuts.values()) yield [cut, moment]
      cuts.clear()
    }
  }
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

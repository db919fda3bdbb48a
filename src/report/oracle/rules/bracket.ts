// The bracket as a whole: it is closed once, and what was given up stays given up.
import { textsOf, type MomentEntry } from '../entry.ts'
import type { Rule } from '../rule.ts'

const begins = new Set(['freeze.begun', 'cut.begun'])

export const bracketIsClosed: Rule = {
  id: 'bracket-is-closed',
  promise: 'nothing left',
  claim: 'Every bracket that was opened is thawed or abandoned, and nothing in it begins after that.',
  needs: 'moments',
  *check(log) {
    for (const [bracket, moments] of log.brackets) {
      const opened = moments.find((moment) => moment.type === 'bracket.opened')
      const closed = moments.find((moment) => moment.type === 'bracket.thawed' || moment.type === 'bracket.abandoned')
      if (opened && !closed && log.end !== null)
        yield { message: `${bracket} was never closed`, bracket, entries: [opened] }
      if (!closed) continue
      const late = moments.find((moment) => moment.position > closed.position && begins.has(moment.type))
      if (!late) continue
      const message = `${late.instance}: ${late.type} in ${bracket}, which was closed`
      yield { message, instance: late.instance, bracket, entries: [closed, late] }
    }
  },
}

export const abandonedIsNeverSealed: Rule = {
  id: 'abandoned-is-never-sealed',
  promise: 'truth',
  claim: 'Nothing of a bracket that was abandoned is settled or gets into a recovery point.',
  needs: 'moments',
  *check(log) {
    const abandoned = new Map<string | null, MomentEntry>()
    const cuts = new Map<string, MomentEntry>()
    for (const moment of log.of('bracket.abandoned', 'settle.begun', 'cut.done', 'point.sealed')) {
      const { type, instance, bracket } = moment
      if (type === 'bracket.abandoned') abandoned.set(bracket, moment)
      else if (type === 'cut.done') cuts.set(instance ?? '', moment)
      else if (type === 'settle.begun') {
        const given = abandoned.get(bracket)
        if (!given) continue
        const message = `${instance} was settled in ${bracket}, which was abandoned`
        yield { message, instance, bracket, entries: [given, moment] }
      } else {
        for (const part of textsOf(moment, 'parts')) {
          const cut = cuts.get(part)
          const given = cut && abandoned.get(cut.bracket)
          if (!cut || !given || isPartialBefore(log.of('point.sealed'), part, moment)) continue
          const message = `the part of ${part} was sealed though ${cut.bracket} was abandoned`
          yield { message, instance: part, bracket: cut.bracket, entries: [cut, given, moment] }
        }
      }
    }
  },
}

// What an earlier, partial sealing holds stays good when a later round for the rest is given up.
function isPartialBefore(seals: readonly MomentEntry[], part: string, now: MomentEntry): boolean {
  return seals.some((seal) => seal.position < now.position && textsOf(seal, 'parts').includes(part))
}

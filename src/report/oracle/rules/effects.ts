// Effects: what may have been done already is not done again blindly, and only what was cut is taken back.
import { isTrue, numberOf, textOf, textsOf, type MomentEntry } from '../entry.ts'
import type { Finding, Rule } from '../rule.ts'
import { isHeld, standOf, type Stand } from '../stand.ts'
import type { LogView } from '../view.ts'

export const repeatIsInDoubt: Rule = {
  id: 'repeat-is-in-doubt',
  promise: 'effects',
  claim: 'A cut that may be there already is repeated only in doubt, and under a higher number of the attempt.',
  needs: 'moments',
  *check(log) {
    const begun = new Map<string, MomentEntry>()
    const ended = new Map<string, MomentEntry>()
    for (const moment of log.of('cut.begun', 'cut.done', 'cut.failed')) {
      const key = textOf(moment, 'key') ?? ''
      if (moment.type !== 'cut.begun') {
        ended.set(key, moment)
        continue
      }
      const earlier = begun.get(key)
      if (earlier) {
        const { instance, bracket } = moment
        const entries = [earlier, moment]
        if ((numberOf(moment, 'attempt') ?? 0) <= (numberOf(earlier, 'attempt') ?? 0))
          yield { message: `the cut of ${instance} was begun twice as the same attempt`, instance, bracket, entries }
        else if (mayBeThere(ended.get(key)) && !isTrue(moment, 'inDoubt'))
          yield { message: `the cut of ${instance} was repeated as if nothing was there`, instance, bracket, entries }
      }
      begun.set(key, moment)
      ended.delete(key)
    }
  },
}

function mayBeThere(end: MomentEntry | undefined): boolean {
  return end?.type !== 'cut.failed' || textOf(end, 'effect') !== 'none'
}

export const undoOfACut: Rule = {
  id: 'undo-of-a-cut',
  promise: 'nothing left',
  claim: 'Only what this execution was to cut is taken back, and nothing that a sealed recovery point holds.',
  needs: 'moments',
  *check(log) {
    const cuts = new Map<string, MomentEntry>()
    let sealed: MomentEntry | undefined
    for (const moment of log.of('cut.begun', 'undo.begun', 'point.sealed')) {
      const { instance, bracket } = moment
      const cut = cuts.get(`${bracket} ${instance}`)
      if (moment.type === 'cut.begun') cuts.set(`${bracket} ${instance}`, moment)
      else if (moment.type === 'point.sealed') sealed = moment
      else if (cut ? textOf(cut, 'key') !== textOf(moment, 'key') : !wasAsked(log, moment))
        yield {
          message: `something of ${instance} was taken back that is no cut of this run`,
          instance,
          bracket,
          entries: [moment],
        }
      else if (sealed && holds(sealed, moment) && (cut?.position ?? 0) < sealed.position)
        yield { message: `the sealed part of ${instance} was taken back`, instance, bracket, entries: [sealed, moment] }
    }
  },
}

// A cut that was sent and whose beginning nobody could record may be there.
function wasAsked(log: LogView, undo: MomentEntry): boolean {
  const opened = (log.brackets.get(undo.bracket ?? '') ?? []).filter((moment) => moment.type === 'bracket.opened')
  return opened.some((moment) => textsOf(moment, 'cuts').includes(undo.instance ?? ''))
}

function holds(sealed: MomentEntry, undo: MomentEntry): boolean {
  return textsOf(sealed, 'parts').includes(undo.instance ?? '')
}

export const settleAfterThaw: Rule = {
  id: 'settle-after-thaw',
  promise: 'order',
  claim: 'What the provider still does after the cuts is waited for only when everybody runs again.',
  needs: 'moments',
  *check(log) {
    yield* afterThaws(log, 'settle.begun', 'was settled')
  },
}

export const undoAfterThaw: Rule = {
  id: 'undo-after-thaw',
  promise: 'thaw',
  claim: 'After a failure or a cancel everybody is thawed before anything is taken back.',
  needs: 'moments',
  *check(log) {
    yield* afterThaws(log, 'undo.begun', 'was taken back')
  },
}

function* afterThaws(log: LogView, type: 'settle.begun' | 'undo.begun', verb: string): Iterable<Finding> {
  for (const [bracket, moments] of log.brackets) {
    const stands = new Map<string | null, { readonly stand: Stand; readonly moment: MomentEntry }>()
    for (const moment of moments) {
      const stand = standOf(moment)
      if (stand) stands.set(moment.instance, { stand, moment })
      if (isFired(moment)) stands.delete(moment.instance)
      if (moment.type !== type) continue
      const held = [...stands.values()].filter((one) => isHeld(one.stand))
      if (held.length === 0) continue
      const names = held.map((one) => one.moment.instance).join(', ')
      const message = `${moment.instance} ${verb} while ${names} was not thawed yet`
      yield { message, instance: moment.instance, bracket, entries: [...held.map((one) => one.moment), moment] }
    }
  }
}

const isFired = (moment: MomentEntry): boolean =>
  moment.type === 'deadman.disarmed' && numberOf(moment, 'firedAt') !== null

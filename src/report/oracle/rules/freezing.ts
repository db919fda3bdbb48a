// What must be there before a node is frozen, and that nobody is frozen twice.
import { textOf, type MomentEntry } from '../entry.ts'
import type { Rule } from '../rule.ts'

export const ledgerBeforeFreeze: Rule = {
  id: 'ledger-before-freeze',
  promise: 'thaw',
  claim: 'Before a node is frozen it stands in the ledger on disk, with the token of this freeze.',
  needs: 'moments',
  *check(log) {
    const written = new Set<string>()
    for (const moment of log.of('ledger.written', 'freeze.begun')) {
      const key = `${moment.bracket} ${moment.instance} ${textOf(moment, 'token')}`
      if (moment.type === 'ledger.written') written.add(key)
      else if (!written.has(key)) {
        const { instance, bracket } = moment
        yield { message: `${instance} was frozen without a row in the ledger`, instance, bracket, entries: [moment] }
      }
    }
  },
}

export const deadmanBeforeFreeze: Rule = {
  id: 'deadman-before-freeze',
  promise: 'thaw',
  claim: 'Before a node is frozen its deadman is armed, unless it cannot carry one.',
  needs: 'moments',
  *check(log) {
    const armed = new Map<string, number>()
    const without = new Set<string>()
    for (const moment of log.of('ledger.written', 'deadman.armed', 'deadman.disarmed', 'freeze.begun')) {
      const token = textOf(moment, 'token') ?? ''
      if (textOf(moment, 'kind') === 'none') without.add(token)
      else if (moment.type === 'deadman.armed') armed.set(token, (armed.get(token) ?? 0) + 1)
      else if (moment.type === 'deadman.disarmed') armed.set(token, (armed.get(token) ?? 1) - 1)
      else if (moment.type === 'freeze.begun' && !without.has(token) && (armed.get(token) ?? 0) < 1) {
        const { instance, bracket } = moment
        yield { message: `${instance} was frozen with no deadman armed`, instance, bracket, entries: [moment] }
      }
    }
  },
}

export const oneFreezeAtATime: Rule = {
  id: 'one-freeze-at-a-time',
  promise: 'thaw',
  claim: 'A node that one bracket holds frozen is not frozen by another.',
  needs: 'moments',
  *check(log) {
    const held = new Map<string | null, MomentEntry>()
    for (const moment of log.of('freeze.begun', 'thaw.done', 'deadman.disarmed')) {
      const { instance, bracket } = moment
      const holder = held.get(instance)
      if (moment.type === 'freeze.begun') {
        if (holder && holder.bracket !== bracket) {
          const message = `${instance} was frozen for ${bracket} while ${holder.bracket} held it`
          yield { message, instance, bracket, entries: [holder, moment] }
        }
        held.set(instance, moment)
      } else if (holder?.bracket === bracket && isOver(moment)) held.delete(instance)
    }
  },
}

const isOver = (moment: MomentEntry): boolean =>
  moment.type === 'thaw.done' || typeof moment.fields['firedAt'] === 'number'

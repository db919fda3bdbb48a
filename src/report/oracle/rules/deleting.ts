// The last good copy stays, and what is deleted is what the catalog holds.
import { isTrue, numberOf, textOf, type MomentEntry } from '../entry.ts'
import type { Rule } from '../rule.ts'

export const lastGoodIsKept: Rule = {
  id: 'last-good-is-kept',
  promise: 'last good',
  claim: 'Deleting a good recovery point leaves another good one, unless it was asked to break the floor.',
  needs: 'moments',
  *check(log) {
    for (const moment of log.of('point.deleted')) {
      if (!isTrue(moment, 'isGood') || isTrue(moment, 'isForced') || (numberOf(moment, 'goodLeft') ?? 0) >= 1) continue
      yield { message: `the last good recovery point (${textOf(moment, 'point')}) was deleted`, entries: [moment] }
    }
  },
}

export const partsGoBeforeTheirPoint: Rule = {
  id: 'parts-go-before-their-point',
  promise: 'nothing left',
  claim: 'A recovery point is forgotten only when everything that was deleted of it is seen to be gone.',
  needs: 'moments',
  *check(log) {
    const open = new Map<string, MomentEntry>()
    for (const moment of log.of('part.deleting', 'part.deleted', 'point.deleted')) {
      const key = `${textOf(moment, 'point')} ${moment.instance} ${textOf(moment, 'providerId')}`
      if (moment.type === 'part.deleting') open.set(key, moment)
      else if (moment.type === 'part.deleted') open.delete(key)
      else {
        const point = textOf(moment, 'point')
        for (const left of open.values()) {
          if (textOf(left, 'point') !== point) continue
          const message = `${point} was forgotten while the part of ${left.instance} was not gone`
          yield { message, instance: left.instance, entries: [left, moment] }
        }
      }
    }
  },
}

export const childrenGoBeforeParents: Rule = {
  id: 'children-go-before-parents',
  promise: 'last good',
  claim: 'No part is deleted that an incremental one still rests on.',
  needs: 'moments',
  *check(log) {
    const gone = new Map<string, MomentEntry>()
    for (const moment of log.of('part.deleting')) {
      const id = textOf(moment, 'providerId')
      if (id === null) continue
      const { instance } = moment
      const parent = gone.get(textOf(moment, 'parent') ?? '')
      if (parent) {
        const message = `${textOf(parent, 'providerId')} was deleted before ${id}, which rested on it`
        yield { message, instance, entries: [parent, moment] }
      }
      const children = log.facts.needed?.[id] ?? []
      if (children.length > 0)
        yield { message: `${id} was deleted while ${children.join(', ')} rests on it`, instance, entries: [moment] }
      gone.set(id, moment)
    }
  },
}

export const deletedByTheCatalog: Rule = {
  id: 'deleted-by-the-catalog',
  promise: 'last good',
  claim: 'What is deleted of a recovery point was sealed in it, and belongs to no other.',
  needs: 'moments',
  *check(log) {
    const pointOf = new Map<string, MomentEntry>()
    for (const moment of log.of('part.deleting')) {
      const id = textOf(moment, 'providerId')
      const point = textOf(moment, 'point') ?? ''
      if (id === null) continue
      const { instance } = moment
      const other = pointOf.get(id)
      const sealed = log.facts.sealed?.[point]
      if (other && textOf(other, 'point') !== point)
        yield { message: `${id} was deleted as part of two recovery points`, instance, entries: [other, moment] }
      else if (sealed && !sealed.includes(id))
        yield { message: `${id} was deleted and was never sealed in ${point}`, instance, entries: [moment] }
      pointOf.set(id, moment)
    }
  },
}

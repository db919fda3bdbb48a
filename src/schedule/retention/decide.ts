// Decides which copies are kept and which are deleted, with the reasons. Pure: the same question has the same answer.
import type { Instant } from '../../kernel/duration.ts'
import { calendarOf, periodRules } from './calendar.ts'
import { floorOf, isGoodCopy, lengthText, type Copy, type RetentionPolicy } from './policy.ts'

export interface Decision {
  readonly copy: Copy
  readonly action: 'keep' | 'delete'
  /** In words; never empty. */
  readonly reasons: readonly string[]
}

/**
 * What a policy keeps, the newest copy first.
 *
 * The last good copy, the last verified one, what is held, what is being made, and whatever a kept copy rests on are
 * never deleted. Copies that are not good are deleted once a newer good one is there.
 *
 * @example
 * decideRetention({ last: 3, weekly: 4 }, copies, now).filter(({ action }) => action === 'delete')
 */
export function decideRetention(policy: RetentionPolicy, copies: readonly Copy[], now: Instant): readonly Decision[] {
  const sorted = copies.toSorted(newestFirst)
  const kept = new Kept()
  const good = sorted.filter(isGoodCopy)
  keepByRules(policy, good, now, kept)
  keepFloor(policy, good, kept)
  keepUnfinished(sorted, good[0], kept)
  for (const copy of sorted) if (copy.isHeld) kept.add(copy, 'held')
  keepParents(sorted, kept)
  return sorted.map((copy) => {
    const reasons = kept.reasonsOf(copy)
    return reasons.length > 0
      ? { copy, action: 'keep', reasons }
      : { copy, action: 'delete', reasons: [whyDeleted(copy)] }
  })
}

/** Those to delete, in an order in which nothing is deleted before what rests on it. */
export function deletionOrder(decisions: readonly Decision[]): readonly Copy[] {
  // The oldest first: what is interrupted has deleted what was wanted least.
  const going = decisions.flatMap(({ copy, action }) => (action === 'delete' ? [copy] : [])).toReversed()
  const links = going.flatMap((copy) => copy.parentIds.map((parentId) => ({ parentId, copy })))
  const children = Map.groupBy(links, ({ parentId }) => parentId)
  const ordered: Copy[] = []
  const seen = new Set<Copy>()
  const visit = (copy: Copy): void => {
    if (seen.has(copy)) return
    seen.add(copy)
    children.get(copy.id)?.forEach((link) => visit(link.copy))
    ordered.push(copy)
  }
  going.forEach(visit)
  return ordered
}

class Kept {
  readonly #reasons = new Map<string, string[]>()

  add(copy: Copy, reason: string): void {
    const reasons = this.#reasons.get(copy.id)
    if (reasons) reasons.push(reason)
    else this.#reasons.set(copy.id, [reason])
  }

  has(id: string): boolean {
    return this.#reasons.has(id)
  }

  reasonsOf(copy: Copy): readonly string[] {
    return this.#reasons.get(copy.id) ?? []
  }
}

/** Of the same instant the one with the greater id counts as newer, so that the order of the input says nothing. */
function newestFirst(left: Copy, right: Copy): number {
  if (left.createdAt !== right.createdAt) return right.createdAt - left.createdAt
  return left.id < right.id ? 1 : -1
}

function keepByRules(policy: RetentionPolicy, good: readonly Copy[], now: Instant, kept: Kept): void {
  const { last = 0, within = 0, timezone = 'UTC' } = policy
  good.slice(0, last).forEach((copy, index) => kept.add(copy, `last ${last}: ${ordinal(index + 1)}`))
  const calendar = calendarOf(timezone)
  for (const rule of periodRules) {
    const count = policy[rule] ?? 0
    const seen = new Set<string>()
    // A period without a good copy is none: it does not use up the count.
    for (const copy of count > 0 ? good : []) {
      const period = calendar(copy.createdAt)[rule]
      if (seen.has(period)) continue
      if (seen.size === count) break
      seen.add(period)
      kept.add(copy, `${rule} ${period} (${seen.size} of ${count})`)
    }
  }
  if (within === 0) return
  for (const copy of good) if (now - copy.createdAt <= within) kept.add(copy, `within ${lengthText(within)}`)
}

function keepFloor(policy: RetentionPolicy, good: readonly Copy[], kept: Kept): void {
  const floor = floorOf(policy)
  good
    .slice(0, floor)
    .forEach((copy, index) =>
      kept.add(copy, index === 0 ? 'floor: the last good one' : `floor: good one ${index + 1} of ${floor}`),
    )
  const verified = good.find((copy) => copy.isVerified)
  if (verified) kept.add(verified, 'floor: the last verified one')
}

// What failed after the last good copy is the only trace of what has happened since.
function keepUnfinished(sorted: readonly Copy[], lastGood: Copy | undefined, kept: Kept): void {
  for (const copy of sorted) {
    if (copy === lastGood) break
    if (copy.status === 'open' || copy.status === 'partial' || copy.status === 'damaged')
      kept.add(copy, `${copy.status}, but ${lastGood ? 'newer than the last good one' : 'there is no good one'}`)
  }
  for (const copy of sorted) if (copy.status === 'running') kept.add(copy, 'being made now')
}

function keepParents(sorted: readonly Copy[], kept: Kept): void {
  const byId = new Map(sorted.map((copy) => [copy.id, copy]))
  const waiting = sorted.filter((copy) => kept.has(copy.id))
  for (let child = waiting.shift(); child; child = waiting.shift()) {
    for (const parentId of new Set(child.parentIds)) {
      const parent = parentId === child.id ? undefined : byId.get(parentId)
      if (!parent) continue
      if (!kept.has(parent.id)) waiting.push(parent)
      kept.add(parent, `parent of ${child.name ?? child.id}`)
    }
  }
}

function whyDeleted(copy: Copy): string {
  if (copy.status === 'good') return 'no rule keeps it'
  return copy.status === 'deleting' ? 'its deletion had begun' : `${copy.status}, and older than the last good one`
}

function ordinal(count: number): string {
  const tail = count % 100 > 10 && count % 100 < 14 ? 0 : count % 10
  return `${count}${['th', 'st', 'nd', 'rd'][tail] ?? 'th'}`
}

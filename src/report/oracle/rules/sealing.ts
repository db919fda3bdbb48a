// Truth: what a recovery point claims was seen.
import { isTrue, textOf, textsOf, type MomentEntry } from '../entry.ts'
import { lowest, isBelow, isConsistency, type Consistency } from '../../../plugins/contract/consistency.ts'
import type { Rule } from '../rule.ts'
import type { LogView } from '../view.ts'

export const sealedIsSettled: Rule = {
  id: 'sealed-is-settled',
  promise: 'truth',
  claim: 'Every part of a sealed recovery point was cut, settled and read back as usable.',
  needs: 'moments',
  *check(log) {
    for (const sealed of log.of('point.sealed')) {
      for (const part of textsOf(sealed, 'parts')) {
        const own = log.moments.filter((moment) => moment.instance === part && moment.position < sealed.position)
        const cut = own.findLast((moment) => moment.type === 'cut.done')
        if (!cut) yield { message: `${part} was sealed without a cut`, instance: part, entries: [sealed] }
        else if (!isTrue(cut, 'isSettled') && !isSettled(own, cut)) {
          const message = `${part} was sealed before it was settled`
          yield { message, instance: part, bracket: cut.bracket, entries: [cut, sealed] }
        }
      }
    }
  },
}

function isSettled(own: readonly MomentEntry[], cut: MomentEntry): boolean {
  const last = own.findLast((moment) => moment.type.startsWith('settle.') && moment.bracket === cut.bracket)
  return last?.type === 'settle.done'
}

export const sealedIsWhatWasAsked: Rule = {
  id: 'sealed-is-what-was-asked',
  promise: 'truth',
  claim: 'A recovery point has a part of everything that was to be cut, or names what is missing.',
  needs: 'moments',
  *check(log) {
    const asked = new Set<string>()
    for (const moment of log.of('bracket.opened', 'point.sealed')) {
      if (moment.type === 'bracket.opened') {
        if (textOf(moment, 'purpose') === 'save') for (const id of textsOf(moment, 'cuts')) asked.add(id)
        continue
      }
      const told = new Set([...textsOf(moment, 'parts'), ...textsOf(moment, 'missing')])
      const untold = [...asked].filter((id) => !told.has(id))
      const unasked = [...told].filter((id) => !asked.has(id))
      if (untold.length > 0)
        yield { message: `${untold.join(', ')} was to be saved and is not told to be missing`, entries: [moment] }
      if (unasked.length > 0) yield { message: `${unasked.join(', ')} was sealed and never cut`, entries: [moment] }
    }
  },
}

export const labelIsTheLowest: Rule = {
  id: 'label-is-the-lowest',
  promise: 'truth',
  claim: 'A recovery point is labelled as its least consistent part.',
  needs: 'moments',
  *check(log) {
    for (const sealed of log.of('point.sealed')) {
      const label = textOf(sealed, 'consistency')
      const least = lowest(Object.values(labelsOf(sealed)))
      if (label === least) continue
      yield { message: `labelled ${label} while its least consistent part is ${least}`, entries: [sealed] }
    }
  },
}

export const labelIsMeasured: Rule = {
  id: 'label-is-measured',
  promise: 'truth',
  claim:
    'A part is labelled better than crash only when what it needs stood still through its cut, or its provider vouches for it.',
  needs: 'moments',
  *check(log) {
    for (const sealed of log.of('point.sealed')) {
      for (const [part, label] of Object.entries(labelsOf(sealed))) {
        const cut = log
          .of('cut.done')
          .findLast((moment) => moment.instance === part && moment.position < sealed.position)
        if (!cut || label === 'crash' || isVouchedFor(log, cut, label)) continue
        const moving = movingIn(log, part, cut)
        if (moving === null) continue
        const message = `${part} is labelled ${label} while ${moving.why} in its cut`
        yield { message, instance: part, bracket: cut.bracket, entries: [...moving.entries, sealed] }
      }
    }
  },
}

function labelsOf(sealed: MomentEntry): Readonly<Record<string, Consistency>> {
  const parts = sealed.fields['parts']
  if (typeof parts !== 'object' || parts === null || Array.isArray(parts)) return {}
  return Object.fromEntries(
    Object.entries(parts).filter((entry): entry is [string, Consistency] => isConsistency(entry[1])),
  )
}

function isVouchedFor(log: LogView, cut: MomentEntry, label: Consistency): boolean {
  const settled = log
    .of('settle.done')
    .findLast((moment) => moment.instance === cut.instance && moment.bracket === cut.bracket)
  return [cut, settled].some((moment) => {
    const told = moment && textOf(moment, 'consistency')
    return isConsistency(told) && !isBelow(told, label)
  })
}

interface Moving {
  readonly why: string
  readonly entries: readonly MomentEntry[]
}

// Who has to stand still for a part: itself, its host, and what runs there. Where hosts are not known: itself.
function movingIn(log: LogView, part: string, cut: MomentEntry): Moving | null {
  const moments = log.brackets.get(cut.bracket ?? '') ?? []
  const begun = moments.findLast((moment) => moment.type === 'cut.begun' && moment.instance === part)
  const freezers = moments.filter((moment) => moment.type === 'bracket.opened').flatMap((of) => textsOf(of, 'tiers'))
  const needed = freezers.filter((id) => isNeeded(log, part, id))
  if (needed.length === 0 && log.facts.hosts !== undefined) return { why: 'nothing was frozen', entries: [cut] }
  for (const id of needed) {
    const own = moments.filter((moment) => moment.instance === id)
    const frozen = own.find((moment) => moment.type === 'freeze.done')
    if (!frozen || (begun && frozen.position > begun.position)) return { why: `${id} was not frozen`, entries: [cut] }
    const thaw = own.find((moment) => moment.type === 'thaw.begun' && moment.position < cut.position)
    if (thaw) return { why: `${id} was thawed`, entries: [thaw, cut] }
    const fired = own.find((moment) => Number(moment.fields['firedAt'] ?? Infinity) < cut.at)
    if (fired) return { why: `the deadman of ${id} fired`, entries: [cut, fired] }
  }
  return null
}

function isNeeded(log: LogView, part: string, other: string): boolean {
  if (part === other) return true
  const { hosts = {} } = log.facts
  return hostsOf(log, part).some((host) => other === host || hosts[other] === host)
}

// A disk that is contained in nothing belongs to the hosts of those it is connected with.
function hostsOf(log: LogView, part: string): readonly string[] {
  const { hosts = {}, dependencies = {} } = log.facts
  const own = hosts[part]
  if (typeof own === 'string') return [own]
  const neighbours = [
    ...(dependencies[part] ?? []),
    ...Object.keys(dependencies).filter((id) => dependencies[id]?.includes(part)),
  ]
  return neighbours.flatMap((id) => hosts[id] ?? [])
}

export const successMeansSealed: Rule = {
  id: 'success-means-sealed',
  promise: 'truth',
  claim: 'A backup ends well only with a sealed recovery point of which nothing is missing.',
  needs: 'moments',
  *check(log) {
    if (log.workflow !== 'backup' || log.end !== 'terminated') return
    const sealed = log.of('point.sealed').at(-1)
    const ends = log.entries.slice(-1)
    if (!sealed) yield { message: 'the backup ended well and nothing was sealed', entries: ends }
    else if (textsOf(sealed, 'missing').length > 0) {
      const message = `the backup ended well without ${textsOf(sealed, 'missing').join(', ')}`
      yield { message, entries: [sealed, ...ends] }
    }
  },
}

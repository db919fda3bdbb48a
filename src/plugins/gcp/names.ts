// Names that Compute Engine takes, and our marks on what we make: by them we know a thing again when an answer was lost.
import { createHash } from 'node:crypto'
import type { JsonObject } from '../../kernel/json.ts'

/** Labels of what we make. `key`: the one thing; `work`: all that one piece of work makes. */
export const labelNames = {
  key: 'fermata-key',
  work: 'fermata-work',
  node: 'fermata-node',
  backup: 'fermata-backup',
  place: 'fermata-place',
} as const

/** As the original made names: `a` before what does not begin with a letter, the last six characters of a long one kept. */
export function safeName(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[_.\s]/g, '-')
    .replaceAll(/[^-a-z0-9]/g, '')
    .replace(/-+$/, '')
  const named = /^[a-z]/.test(plain) ? plain : `a${plain}`
  return (named.length > 63 ? `${named.slice(0, 57)}${named.slice(-6)}` : named).replace(/-+$/, '')
}

/** The backup's name for people, the disk's or instance's id, and what tells the work apart from all others. */
export function copyName(backup: string, id: string, key: string): string {
  return `${safeName(backup).slice(0, 28).replace(/-+$/, '')}-${id.slice(-20)}-${digestOf(key).slice(0, 12)}`
}

/** Of a disk that takes another's place; of one that did so before, as well. */
export function successorName(name: string, key: string): string {
  return `${placeName(name).slice(0, 51).replace(/-+$/, '')}-r${digestOf(key).slice(0, 10)}`
}

/** What the first disk in that place was called. */
export function placeName(name: string): string {
  return name.replace(/-r[0-9a-f]{10}$/, '')
}

export interface Marked {
  readonly key: string
  readonly part: string
  readonly node: string
  readonly backup?: string | undefined
}

export function labelsFor({ key, part, node, backup }: Marked): Readonly<Record<string, string>> {
  return {
    [labelNames.key]: digestOf(`${key}#${part}`),
    [labelNames.work]: digestOf(key),
    [labelNames.node]: labelText(node),
    ...(backup === undefined ? {} : { [labelNames.backup]: labelText(backup) }),
  }
}

export function isMarked(labels: JsonObject | null | undefined, { key, part }: Pick<Marked, 'key' | 'part'>): boolean {
  return labels?.[labelNames.key] === digestOf(`${key}#${part}`)
}

/** For things without labels: a word in their description. */
export function tagOf({ key, part }: Pick<Marked, 'key' | 'part'>): string {
  return `fermata-${digestOf(`${key}#${part}`)}`
}

/** A UUID: what comes a second time under it is not done a second time. */
export function requestIdOf(text: string): string {
  const hex = digestOf(text).slice(0, 32).split('')
  // Version 8: made as its maker likes.
  hex[12] = '8'
  hex[16] = 'a'
  const whole = hex.join('')
  return [whole.slice(0, 8), whole.slice(8, 12), whole.slice(12, 16), whole.slice(16, 20), whole.slice(20)].join('-')
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40)
}

function labelText(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^-_a-z0-9]/g, '_')
    .slice(0, 63)
}

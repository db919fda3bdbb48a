// Names of scheduled snapshots, and the dates in them. A name is for people: it may select what is read, and never what is
// deleted.
import { badProperty } from '../errors.ts'

/** `{0}` stands for the server's name, `{1}` for the minute. */
export const defaultPattern = '{0}_snapshot_{1}'

/** Of Glance and Cinder. */
const longestName = 255

/** @throws Fault `openstack.bad_property` */
export function snapshotName(pattern: string, server: string, stamp: string): string {
  const name = filled(pattern, server, stamp)
  if (name.trim() === '') throw badProperty('pattern', 'it leaves no name')
  if (name.length > longestName)
    throw badProperty('pattern', `it leads to a name of more than ${longestName} characters`)
  return name
}

// In one pass: a server may be called `{1}`.
const filled = (pattern: string, server: string, stamp: string): string =>
  pattern.replace(/\{[01]\}/g, (place) => (place === '{0}' ? server : stamp))

/** YYYYMMDDHHMM in UTC. */
export function stampOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 16).replace(/[-T:]/g, '')
}

/** The date in a name that this pattern led to; undefined: another pattern's, or another server's. */
export function stampIn(name: string, pattern: string, server: string): string | undefined {
  const [before = ''] = pattern.split('{1}')
  if (before === pattern) return undefined
  const from = filled(before, server, '').length
  // Compared as a whole, letter by letter: in an expression a dot would be any letter, and an end could be anywhere.
  return [12, 8]
    .map((length) => name.slice(from, from + length))
    .find((digits) => /^(\d{8}|\d{12})$/.test(digits) && filled(pattern, server, digits) === name)
}

/** A day, or a minute of it. @throws Fault `openstack.bad_property` unless there is such a day */
export function checkDate(date: string): string {
  const [, year = '', month = '', day = '', time = ''] = /^(\d{4})(\d\d)(\d\d)(\d{4})?$/.exec(date) ?? []
  const text = `${year}-${month}-${day}T${time === '' ? '00:00' : `${time.slice(0, 2)}:${time.slice(2)}`}:00Z`
  const instant = Date.parse(text)
  // A 31st of February is taken for a day in March.
  if (Number.isNaN(instant) || !stampOf(instant).startsWith(date))
    throw badProperty('date', `'${date}' is neither a day (YYYYMMDD) nor a minute (YYYYMMDDHHMM)`)
  return date
}

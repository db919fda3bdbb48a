// Which snapshots are meant, and which have had their day: decided without the cloud.
import { fault } from '../../../kernel/fault.ts'
import type { Copy } from './copies.ts'

/**
 * Of a day the newest, of a minute that one. Only what is whole counts.
 *
 * @throws Fault `openstack.no_snapshot`, with those that there are
 */
export function chooseCopy(copies: readonly Copy[], date: string, instance: string): Copy {
  const usable = copies.filter(({ isUsable }) => isUsable)
  const chosen = usable.findLast(({ stamp }) => stamp.startsWith(date))
  if (chosen !== undefined) return chosen
  const broken = copies.findLast(({ stamp, isUsable }) => !isUsable && stamp.startsWith(date))
  const reason = broken === undefined ? 'there is none' : `'${broken.name}' is ${broken.status}`
  throw fault('openstack.no_snapshot', { details: { instance, date, reason, known: listed(usable) } })
}

const mostListed = 8

function listed(copies: readonly Copy[]): string {
  const stamps = [...new Set(copies.map(({ stamp }) => stamp))]
  const shown = stamps.slice(-mostListed).join(', ')
  return shown === '' ? 'none' : stamps.length > mostListed ? `..., ${shown}` : shown
}

/**
 * Those that go, oldest first, so that the newest `most` whole ones stay. What is not whole counts for nothing, and is not
 * touched: it may be another run's. Oldest first come `copies`.
 */
export function expired(copies: readonly Copy[], most: number): readonly Copy[] {
  if (most <= 0) return []
  const ours = copies.filter(({ isOurs, isUsable, isProtected }) => isOurs && isUsable && !isProtected)
  return ours.slice(0, Math.max(0, ours.length - most))
}

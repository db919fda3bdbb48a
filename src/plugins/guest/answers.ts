// What the scripts of a deadman in a guest print, whichever way they were run there.
import type { Instant } from '../../kernel/duration.ts'
import type { OperationContext } from '../contract/context.ts'
import type { ShellResult } from './shell.ts'

export interface ArmedPlace {
  /** Its folder of memory in the guest. */
  readonly folder: string
  readonly pid: number
  readonly startTime: number
  /** What has to be added to the guest's time since boot, in milliseconds, to come to our clock. */
  readonly clockOffset: number
}

/** Of what is no such answer the numbers are none. */
export function armedPlaceIn(stdout: string, now: Instant): ArmedPlace {
  const [folder = '', pid, startTime, uptime] = stdout.trim().split(' ')
  const clockOffset = Math.round(now - Number(uptime) * 1000)
  return { folder, pid: Number(pid), startTime: Number(startTime), clockOffset }
}

export interface Firing {
  /** Hundredths of a second since the guest's boot. */
  readonly at: number
  /** Of what thawed, as a text. */
  readonly code: string
  /** What it printed. */
  readonly said: string
}

/** null: it did not fire. undefined: that is no answer of a deadman. */
export function firingIn({ code, stdout }: ShellResult): Firing | null | undefined {
  const [first = '', ...lines] = stdout.split('\n')
  const [word, at, , thawed = ''] = first.split(' ')
  if (code !== 0 || (word !== 'fired' && word !== 'none')) return undefined
  return word === 'none' ? null : { at: Number(at), code: thawed, said: lines.join('\n').trim() }
}

/** Tells of it in the log; when it was, on our clock. */
export function toldFiring(
  ctx: Pick<OperationContext, 'log' | 'world'>,
  { at, code, said }: Firing,
  clockOffset: number,
): Instant {
  ctx.log.warning(
    `The lease ended, and the deadman in the guest thawed it: ${code === '0' ? 'it ended well' : `exit code ${code}`}${said === '' ? '' : `: ${said}`}`,
  )
  return at > 0 ? Math.round(clockOffset + at * 10) : ctx.world.clock.now()
}

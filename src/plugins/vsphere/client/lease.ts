// Leases by which disks of a machine go out and in: waited for with all tasks, kept alive while the work on them goes on, and
// ended on every way.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import { allOf, at, booleanAt, numberAt, refIn, textAt, type Element } from './element.ts'
import { badAnswer } from './network-faults.ts'
import type { Field, Ref } from './value.ts'
import type { VCenter } from './vcenter.ts'

export interface LeasedDisk {
  /** Of the device, in a lease for export. */
  readonly key: string
  /** What the description of an import calls it. */
  readonly importKey: string
  /** Lets in whoever knows it. */
  readonly url: string
  readonly thumbprint: string | undefined
}

export interface LeaseWork {
  /** The machine. */
  readonly entity: Ref
  readonly disks: readonly LeasedDisk[]
  /** Also ends when the vCenter no longer keeps the lease. */
  readonly signal: AbortSignal
  readonly progress: (percent: number) => void
}

/** The vCenter drops a lease of which it hears nothing for so long. */
const usualTimeout = seconds(300)
const longestPause = seconds(60)

/**
 * The answer is heard also when nobody waits for it any more: a lease that nobody knows stands in the way until it is dropped.
 *
 * @throws Fault `vsphere.*`
 */
export async function newLease(
  vcenter: VCenter,
  target: Ref,
  method: string,
  args: readonly Field[] = [],
): Promise<Ref> {
  vcenter.signal.throwIfAborted()
  const lease = refIn(at(await vcenter.lasting().call(target, method, args), 'returnval'))
  if (lease === undefined) throw badAnswer({ name: method, isRead: false, origin: '' }, 'it names no lease')
  return lease
}

/** Completed when the work is through, else aborted: what an import made goes with it. @throws Fault `vsphere.*` */
export async function inLease<Result>(
  vcenter: VCenter,
  lease: Ref,
  limit: Duration,
  work: (lease: LeaseWork) => Promise<Result>,
): Promise<Result> {
  const ended = new AbortController()
  const done = new AbortController()
  try {
    await vcenter.ended(lease, `HttpNfcLease ${lease.id}`, { limit, isOurs: false })
    const info = (await vcenter.read(lease, ['info'])).values.get('info')
    const entity = refIn(at(info, 'entity'))
    if (entity === undefined) throw badAnswer({ name: lease.id, isRead: true, origin: '' }, 'it names no machine')
    let percent = 0
    const timeout = seconds(numberAt(info, 'leaseTimeout') ?? 0) || usualTimeout
    void keepAlive(vcenter, lease, { timeout, done: done.signal, ended, percent: () => percent })
    const signal = AbortSignal.any([vcenter.signal, ended.signal])
    const progress = (now: number): void => {
      percent = Math.max(percent, Math.min(100, Math.floor(now)))
    }
    const disks = allOf(info, 'deviceUrl').flatMap((one) => diskIn(one, vcenter.origin))
    const result = await work({ entity, disks, signal, progress })
    await vcenter.call(lease, 'HttpNfcLeaseComplete')
    return result
  } catch (thrown) {
    const { log } = vcenter
    await vcenter
      .lasting()
      .call(lease, 'HttpNfcLeaseAbort')
      .catch((problem: unknown) => log.debug(`${lease.id} could not be aborted: ${codeOf(problem)}`))
    throw ended.signal.aborted && !vcenter.signal.aborted ? ended.signal.reason : thrown
  } finally {
    done.abort()
  }
}

interface Keeping {
  readonly timeout: Duration
  readonly done: AbortSignal
  readonly ended: AbortController
  readonly percent: () => number
}

// A vCenter that is away for a moment is told the next time; one that has dropped the lease ends the work.
async function keepAlive(vcenter: VCenter, lease: Ref, { timeout, done, ended, percent }: Keeping): Promise<void> {
  const pause = Math.min(longestPause, timeout / 4)
  const { clock } = vcenter.world
  while (!done.aborted) {
    await clock.sleep(pause, done).catch(() => {})
    if (done.aborted) return
    try {
      await vcenter.call(lease, 'HttpNfcLeaseProgress', [['percent', percent()]])
    } catch (thrown) {
      if (done.aborted) return
      const isGone = thrown instanceof Fault && ['vsphere.not_found', 'vsphere.cancelled'].includes(thrown.code)
      if (isGone) return ended.abort(thrown)
      vcenter.log.debug(`${lease.id} could not be kept: ${codeOf(thrown)}`)
    }
  }
}

function diskIn(one: Element, origin: string): readonly LeasedDisk[] {
  const url = textAt(one, 'url') ?? ''
  if (booleanAt(one, 'disk') !== true || url === '') return []
  const { hostname } = new URL(origin)
  return [
    {
      key: textAt(one, 'key') ?? '',
      importKey: textAt(one, 'importKey') ?? '',
      // A vCenter that serves it itself leaves its own name open.
      url: url.replace(/^(https:\/\/)\*(:\d+)?\//, (_, scheme: string, port: string | undefined) =>
        port === undefined ? `${origin}/` : `${scheme}${hostname}${port}/`,
      ),
      thumbprint: textAt(one, 'sslThumbprint')?.trim().toUpperCase() || undefined,
    },
  ]
}

const codeOf = (problem: unknown): string => (problem instanceof Fault ? problem.code : String(problem))

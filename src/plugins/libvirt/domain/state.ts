// What a domain does now: in libvirt's words, as a power state, and waiting for it to become something else.
import { formatDuration, type Duration } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { PowerState } from '../../contract/operation.ts'
import { domainState, pausedReasons, type DomainState } from '../client/codes.ts'
import type { NodeDomain } from './domain-of.ts'

export interface StateOfDomain {
  readonly state: DomainState
  /** Libvirt's number; what it means depends on the state. */
  readonly reason: number
}

type Place = Pick<NodeDomain, 'hypervisor' | 'dom'>

/** Asked on the urgent way: it answers while everything else waits for an agent. */
export async function stateOf(
  ctx: Pick<OperationContext, 'signal'>,
  { hypervisor, dom }: Place,
): Promise<StateOfDomain> {
  const { signal } = ctx
  const { state, reason } = await hypervisor.urgent.call('DOMAIN_GET_STATE', { dom }, { signal })
  return { state: domainState(state), reason }
}

/**
 * Pauses that the hypervisor needs for a moment: the domain goes on, or off, by itself. That of a migration is none of
 * them: one that was restored paused has that reason, and stays so.
 */
const passing: readonly number[] = [
  pausedReasons.save,
  pausedReasons.dump,
  pausedReasons.snapshot,
  pausedReasons.startingUp,
]

export function isPaused({ state, reason }: StateOfDomain): boolean {
  return state === 'paused' && !passing.includes(reason)
}

export function isRunning({ state, reason }: StateOfDomain): boolean {
  return state === 'running' || state === 'blocked' || (state === 'paused' && passing.includes(reason))
}

export function isOff({ state }: StateOfDomain): boolean {
  return state === 'shut off' || state === 'crashed'
}

/** One that is off and has its memory saved is suspended: started, it goes on where it was. */
export async function powerOf(ctx: Pick<OperationContext, 'signal'>, place: Place): Promise<PowerState> {
  const found = await stateOf(ctx, place)
  if (isOff(found)) return (await hasSavedMemory(ctx, place)) ? 'suspended' : 'stopped'
  return isPaused(found) || found.state === 'pm-suspended' ? 'suspended' : 'running'
}

export async function hasSavedMemory(
  ctx: Pick<OperationContext, 'signal'>,
  { hypervisor, dom }: Place,
): Promise<boolean> {
  const { signal } = ctx
  const { result } = await hypervisor.urgent.call('DOMAIN_HAS_MANAGED_SAVE_IMAGE', { dom }, { signal })
  return result === 1
}

/** Words for people: a pause that nobody asked for says why. */
export function inWords({ state, reason }: StateOfDomain): string {
  if (state !== 'paused') return state
  if (reason === pausedReasons.ioError) return 'paused after an I/O error'
  if (reason === pausedReasons.watchdog) return 'paused by its watchdog'
  return reason === pausedReasons.crashed ? 'paused after a crash' : 'paused'
}

export interface Wanted {
  /** `suspended`, as in: was not suspended within 30 s. */
  readonly word: string
  readonly limit: Duration
  isReached(found: StateOfDomain): boolean
  /** Nothing that comes after this will reach it. */
  isHopeless?(found: StateOfDomain): boolean
}

const shortestPause = 50
const longestPause = 1000

/** @throws Fault `libvirt.not_reached` */
export async function reach(
  ctx: Pick<OperationContext, 'signal' | 'world'>,
  place: Place,
  { word, limit, isReached, isHopeless }: Wanted,
): Promise<StateOfDomain> {
  const { clock } = ctx.world
  const end = clock.monotonic() + limit
  for (let pause = shortestPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    const found = await stateOf(ctx, place)
    if (isReached(found)) return found
    if (clock.monotonic() >= end || isHopeless?.(found) === true) {
      const details = { name: place.dom.name, state: inWords(found), wanted: word, limit: formatDuration(limit) }
      throw fault('libvirt.not_reached', { details })
    }
    await clock.sleep(pause, ctx.signal)
  }
}

// An instance on and off, asleep and awake: asked for from whatever it does now, and over when it was read back. May be called
// again whatever became of an answer, and by whoever finds only a part of it done.
import { seconds } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import type { Project } from '../client/project.ts'
import { cannot, notReached } from '../errors.ts'
import { until, type Pace } from '../../http/wait.ts'
import { actOn, readInstance, type Instance, type InstanceRef } from './views.ts'

/** What an instance can be left in. */
export const restingStates = ['RUNNING', 'TERMINATED', 'SUSPENDED'] as const
export type RestingState = (typeof restingStates)[number]

/** State -> what leads out of it towards the wanted one. One that sleeps is woken before it is turned off. */
const ways: Readonly<Record<RestingState, Readonly<Record<string, string>>>> = {
  RUNNING: { TERMINATED: 'start', STOPPED: 'start', SUSPENDED: 'resume' },
  TERMINATED: { RUNNING: 'stop', SUSPENDED: 'resume', REPAIRING: 'stop' },
  SUSPENDED: { RUNNING: 'suspend', TERMINATED: 'start' },
}

const nextState: Readonly<Record<string, RestingState>> = {
  start: 'RUNNING',
  resume: 'RUNNING',
  stop: 'TERMINATED',
  suspend: 'SUSPENDED',
}

export interface PowerOptions extends Pace {
  /** Goes before all other requests that wait for their turn. */
  readonly isUrgent?: boolean
  /** What lies on local SSDs goes when it is stopped or suspended; without it such an instance is refused. */
  readonly dropsLocalSsd?: boolean
}

const usual = seconds(1800)

/** @throws Fault `gcp.cannot`, `gcp.not_reached`, `gcp.missing` and what was said of the operation */
export async function bring(
  project: Project,
  ref: InstanceRef,
  wanted: RestingState,
  { isUrgent = false, dropsLocalSsd = false, ...pace }: PowerOptions = {},
): Promise<Instance> {
  // Each round either acts, or loses to somebody else who acts.
  for (let rounds = 0; ; rounds += 1) {
    const instance = await untilResting(project, ref, pace)
    if (instance.status === wanted) return instance
    const action = ways[wanted][instance.status]
    if (action === undefined || rounds === 5) throw cannot('instance', ref.name, wanted, instance.status)
    const isOff = nextState[action] !== 'RUNNING'
    try {
      await actOn(project, ref, action, {
        isUrgent,
        limit: pace.deadline ?? usual,
        ...(isOff && dropsLocalSsd ? { query: { discardLocalSsd: true } } : {}),
      })
    } catch (thrown) {
      // What was asked for may have been done, or by somebody else: what it does now decides.
      if (rounds < 5 && isRace(thrown)) continue
      throw thrown
    }
  }
}

export const stopInstance = (project: Project, ref: InstanceRef, options?: PowerOptions): Promise<Instance> =>
  bring(project, ref, 'TERMINATED', options)

/** What it rests in now, or will when what is under way is over; undefined for what nobody can put it back to. */
export async function restingState(project: Project, ref: InstanceRef): Promise<RestingState | undefined> {
  const { status } = await untilResting(project, ref)
  return restingStates.find((state) => state === status)
}

const passing = ['PROVISIONING', 'STAGING', 'STOPPING', 'SUSPENDING', 'PENDING_STOP', 'DEPROVISIONING']

/** Nothing is under way. */
export async function untilResting(project: Project, ref: InstanceRef, pace: Pace = {}): Promise<Instance> {
  const limit = pace.deadline ?? usual
  return until(project, () => readInstance(project, ref), {
    ...pace,
    deadline: limit,
    isDone: ({ status }) => !passing.includes(status),
    late: (last) =>
      notReached('instance', ref.name, { status: last?.status ?? 'not to be read', wanted: 'at rest', limit }),
  })
}

const isRace = (thrown: unknown): boolean =>
  thrown instanceof Fault &&
  (['gcp.busy', 'gcp.bad_request'].includes(thrown.code) || (thrown.effect === 'unknown' && thrown.retry !== 'never'))

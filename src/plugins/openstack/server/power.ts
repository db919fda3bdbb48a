// A server on and off, asleep and awake: asked for from whatever it does now, and over when it was read back. May be called
// again whatever became of an answer, and by whoever finds only a part of it done.
import { Fault } from '../../../kernel/fault.ts'
import type { Cloud } from '../client/cloud.ts'
import { cannot, notReached } from '../errors.ts'
import { until, type Pace } from '../../http/wait.ts'
import { actOn, serverOf, taskOf, untilServer, type Server } from './server.ts'

/** What a server can be left in. */
export const restingStates = ['ACTIVE', 'SHUTOFF', 'SUSPENDED', 'PAUSED'] as const
export type RestingState = (typeof restingStates)[number]

/** State -> what leads out of it towards the wanted one. One that sleeps is woken before it is turned off. */
const ways: Readonly<Record<RestingState, Readonly<Record<string, string>>>> = {
  ACTIVE: { SHUTOFF: 'os-start', SUSPENDED: 'resume', PAUSED: 'unpause' },
  SHUTOFF: { ACTIVE: 'os-stop', SUSPENDED: 'resume', PAUSED: 'unpause', ERROR: 'os-stop' },
  SUSPENDED: { ACTIVE: 'suspend', PAUSED: 'unpause', SHUTOFF: 'os-start' },
  PAUSED: { ACTIVE: 'pause', SUSPENDED: 'resume', SHUTOFF: 'os-start' },
}

const nextState: Readonly<Record<string, RestingState>> = {
  'os-start': 'ACTIVE',
  resume: 'ACTIVE',
  unpause: 'ACTIVE',
  'os-stop': 'SHUTOFF',
  suspend: 'SUSPENDED',
  pause: 'PAUSED',
}

export interface PowerOptions extends Pace {
  /** Goes before all other requests that wait for their turn. */
  readonly isUrgent?: boolean
}

/** @throws Fault `openstack.cannot`, `openstack.error_state`, `openstack.not_reached`, `openstack.missing` */
export async function bring(
  cloud: Cloud,
  id: string,
  wanted: RestingState,
  { isUrgent = false, ...pace }: PowerOptions = {},
): Promise<Server> {
  // Each round either acts, or loses to somebody else who acts.
  for (let rounds = 0; ; rounds += 1) {
    const server = await untilIdle(cloud, id, pace)
    if (server.status === wanted) return server
    const action = ways[wanted][server.status]
    const isLost = rounds === 5
    if (action === undefined || isLost) throw cannot('server', server.name, wanted, server.status)
    try {
      await actOn(cloud, id, { [action]: null }, { isUrgent })
    } catch (thrown) {
      if (isRace(thrown)) continue
      throw thrown
    }
    await untilServer(cloud, id, { wanted: [nextState[action] ?? wanted], ...pace })
  }
}

export const stopServer = (cloud: Cloud, id: string, options?: PowerOptions): Promise<Server> =>
  bring(cloud, id, 'SHUTOFF', options)

export const startServer = (cloud: Cloud, id: string, options?: PowerOptions): Promise<Server> =>
  bring(cloud, id, 'ACTIVE', options)

/** What it rests in now, or will when what is under way is over; undefined for what nobody can put it back to. */
export async function restingState(cloud: Cloud, id: string, pace?: Pace): Promise<RestingState | undefined> {
  const { status } = await untilIdle(cloud, id, pace)
  return restingStates.find((state) => state === status)
}

/** Nothing is under way. A server in ERROR may never get rid of its task. */
export async function untilIdle(cloud: Cloud, id: string, pace: Pace = {}): Promise<Server> {
  const first = await serverOf(cloud, id)
  const isIdle = (server: Server): boolean => taskOf(server) === null || server.status === 'ERROR'
  if (isIdle(first)) return first
  return until(cloud, () => serverOf(cloud, id), {
    ...pace,
    isDone: isIdle,
    late: (last, limit) => notReached('server', id, { status: inWords(last), wanted: 'without a task', limit }),
  })
}

const inWords = (server: Server | undefined): string =>
  server === undefined ? 'not to be read' : `${server.status} (${taskOf(server) ?? 'no task'})`

// Somebody was faster: what it does now decides, and that is read anew.
const isRace = (thrown: unknown): boolean =>
  thrown instanceof Fault && (thrown.code === 'openstack.busy' || thrown.code === 'openstack.conflict')

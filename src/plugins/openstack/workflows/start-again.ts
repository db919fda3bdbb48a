// A server that was stopped for a while is started again, however long the cloud still works on it, and however often that has to
// be asked for: nobody else would.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { Fault, fault } from '../../../kernel/fault.ts'
import { wordsOf } from '../../../kernel/words.ts'
import type { Cloud } from '../client/cloud.ts'
import { missing } from '../errors.ts'
import { startServer } from '../server/power.ts'
import { replacementNames } from '../server/replace.ts'
import { findServer, type Server } from '../server/server.ts'

export interface StoppedServer {
  readonly id: string
  readonly name: string
  /** Its stop was seen; else it may still come. */
  readonly isOff: boolean
}

/** How long a stop that was given up before it was answered may take to have an effect. */
const lateStop: Duration = seconds(5)

/** An upload may be under way, of a large disk to a slow store. */
const deadline: Duration = seconds(6 * 3600)

const mostTries = 30
const pause: Duration = seconds(10)

/** Resolves with the moment at which it was seen to run. @throws Fault `openstack.left_off` */
export async function startAgain(cloud: Cloud, { id, name, isOff }: StoppedServer): Promise<string> {
  try {
    await persistently(cloud, () => startIt(cloud, id))
    if (!isOff) {
      await cloud.world.clock.sleep(lateStop, cloud.signal)
      await persistently(cloud, () => startIt(cloud, id))
    }
    return momentIn(cloud)
  } catch (thrown) {
    throw fault('openstack.left_off', { details: { server: name, reason: wordsOf(thrown) }, cause: thrown })
  }
}

async function startIt(cloud: Cloud, id: string): Promise<void> {
  const server = (await findServer(cloud, id))?.id ?? (await successorOf(cloud, id))
  await startServer(cloud, server, { deadline })
}

/** Of one that was replaced. */
async function successorOf(cloud: Cloud, id: string): Promise<string> {
  for await (const server of cloud.pages<Server>({ service: 'compute', path: '/servers/detail' }, 'servers')) {
    if (server.metadata[replacementNames.replaces] === id) return server.id
  }
  throw missing('server', id)
}

// What is tried again for an operation at the user's will, is owed here.
async function persistently(cloud: Cloud, act: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act()
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.retry === 'never' || tries === mostTries) throw thrown
      await cloud.world.clock.sleep(thrown.after ?? pause, cloud.signal)
    }
  }
}

export const momentIn = ({ world }: Cloud): string => new Date(world.clock.now()).toISOString()

// Servers that are off while their volumes are written over: one restore at a time has a server, and leaves it as it was,
// also when an attempt died meanwhile or somebody cancels.
import PQueue from 'p-queue'
import { asFault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Cloud } from '../client/cloud.ts'
import { bring, restingState, restingStates, stopServer, type RestingState } from '../server/power.ts'
import { findServer } from '../server/server.ts'
import type { Memory } from './restore.ts'

// A server that runs again while another volume of it is away would boot without that.
const turns = new Map<string, PQueue>()

export interface IdleOptions {
  /** The same cloud for who cleans up: it heeds no cancel. */
  readonly lasting: Cloud
  /** What each of them did before. */
  readonly memory: Memory
}

export async function whileServersAreOff<Value>(
  cloud: Cloud,
  serverIds: readonly string[],
  options: IdleOptions,
  act: () => Promise<Value>,
): Promise<Value> {
  // In the same order by everybody: nobody waits for who waits for them.
  const [first, ...rest] = [...new Set(serverIds)].toSorted()
  if (first === undefined) return act()
  const queue = turns.get(first) ?? new PQueue({ concurrency: 1 })
  turns.set(first, queue)
  try {
    return await queue.add(async () => {
      // A signal given to the queue would leave behind what runs already.
      cloud.signal.throwIfAborted()
      return whileOff(cloud, first, options, () => whileServersAreOff(cloud, rest, options, act))
    })
  } finally {
    if (queue.size + queue.pending === 0) turns.delete(first)
  }
}

async function whileOff<Value>(
  cloud: Cloud,
  serverId: string,
  { lasting, memory }: IdleOptions,
  act: () => Promise<Value>,
): Promise<Value> {
  const power = await powerBefore(cloud, serverId, memory)
  if (power === undefined) return act()
  let outcome: { readonly value: Value } | { readonly thrown: unknown }
  try {
    await stopServer(cloud, serverId)
    outcome = { value: await act() }
  } catch (thrown) {
    outcome = { thrown }
  }
  try {
    await bring(lasting, serverId, power)
    await memory.write(without(memory.read(), serverId))
  } catch (problem) {
    if (!('thrown' in outcome)) throw problem
    lasting.log.error(`Server ${serverId} was ${power} and is not put back to that: ${asFault(problem).message}`)
  }
  if ('thrown' in outcome) throw outcome.thrown
  return outcome.value
}

/** undefined: it is gone, or nobody can put it back to what it does. */
async function powerBefore(cloud: Cloud, serverId: string, memory: Memory): Promise<RestingState | undefined> {
  const kept = memory.read()
  const known = restingStates.find((state) => isJsonObject(kept) && kept[serverId] === state)
  if (known !== undefined) return known
  if ((await findServer(cloud, serverId)) === undefined) return undefined
  const power = await restingState(cloud, serverId)
  if (power !== undefined) await memory.write({ ...(isJsonObject(kept) ? kept : {}), [serverId]: power })
  return power
}

function without(value: Json | undefined, serverId: string): Json | undefined {
  if (!isJsonObject(value)) return undefined
  const rest = Object.entries(value).filter(([id]) => id !== serverId)
  return rest.length === 0 ? undefined : Object.fromEntries(rest)
}

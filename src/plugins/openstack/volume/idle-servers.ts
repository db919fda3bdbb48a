// Servers that are off while their volumes are written over: one restore at a time has a server, and the last one leaves it as
// the first has found it, also when an attempt died meanwhile or somebody cancels. In between it stays off: a guest that ran
// with one volume of then and another of now would write to the first what belongs to the second.
import PQueue from 'p-queue'
import { asFault } from '../../../kernel/fault.ts'
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { Cloud } from '../client/cloud.ts'
import { bring, restingState, restingStates, stopServer, type RestingState } from '../server/power.ts'
import { findServer } from '../server/server.ts'
import type { Memory } from './memory.ts'

/** Of one server, as long as anybody of this process has it or waits for it. */
interface Turns {
  readonly queue: PQueue
  /** What it did before the first one; undefined: it is gone, or nobody can put it back to what it does. */
  power: Promise<RestingState | undefined>
  users: number
}

const turnsOf = new Map<string, Turns>()

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
  const { memory, lasting } = options
  const kept = keptIn(memory, first)
  const turns: Turns = turnsOf.get(first) ?? {
    queue: new PQueue({ concurrency: 1 }),
    power: powerOf(lasting, first),
    users: 0,
  }
  turnsOf.set(first, turns)
  turns.users += 1
  try {
    // An attempt that died has left it as it is now.
    if (kept !== undefined) turns.power = Promise.resolve(kept)
    const power = await turns.power
    // Before who has it now leaves it to the next one.
    if (power !== undefined && kept === undefined) await memory.write({ ...notes(memory), [first]: power })
    return await turns.queue.add(() =>
      whileOff(cloud, { serverId: first, turns, ...options }, () => whileServersAreOff(cloud, rest, options, act)),
    )
  } finally {
    turns.users -= 1
    if (turns.users === 0) turnsOf.delete(first)
  }
}

interface Turn extends IdleOptions {
  readonly serverId: string
  readonly turns: Turns
}

async function whileOff<Value>(
  cloud: Cloud,
  { serverId, turns, lasting, memory }: Turn,
  act: () => Promise<Value>,
): Promise<Value> {
  const power = await turns.power
  if (power === undefined) return act()
  let outcome: { readonly value: Value } | { readonly thrown: unknown }
  try {
    // A signal given to the queue would leave behind what runs already.
    cloud.signal.throwIfAborted()
    await stopServer(cloud, serverId)
    outcome = { value: await act() }
  } catch (thrown) {
    outcome = { thrown }
  }
  try {
    // Who waits has on record what it is to do in the end.
    if (turns.queue.size === 0) await bring(lasting, serverId, power)
    const { [serverId]: _done, ...rest } = notes(memory)
    await memory.write(Object.keys(rest).length === 0 ? undefined : rest)
  } catch (problem) {
    if (!('thrown' in outcome)) throw problem
    lasting.log.error(`Server ${serverId} was ${power} and is not put back to that: ${asFault(problem).message}`)
  }
  if ('thrown' in outcome) throw outcome.thrown
  return outcome.value
}

async function powerOf(cloud: Cloud, serverId: string): Promise<RestingState | undefined> {
  return (await findServer(cloud, serverId)) === undefined ? undefined : restingState(cloud, serverId)
}

function keptIn(memory: Memory, serverId: string): RestingState | undefined {
  const kept = notes(memory)[serverId]
  return restingStates.find((state) => state === kept)
}

function notes(memory: Memory): JsonObject {
  const value = memory.read()
  return isJsonObject(value) ? value : {}
}

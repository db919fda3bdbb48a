// Instances that are off while their disks are exchanged: one restore at a time has an instance, and leaves it as it was, also
// when an attempt died meanwhile or somebody cancels.
import PQueue from 'p-queue'
import { asFault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Project } from '../client/project.ts'
import type { Memory } from '../memory.ts'
import { bring, restingState, restingStates, stopInstance, type RestingState } from './power.ts'
import { findInstance, instancePath, untilQuiet, type InstanceRef } from './views.ts'

// One that runs again while another disk of it is away would boot without that.
const turns = new Map<string, PQueue>()

export interface IdleOptions {
  /** The same project for who cleans up: it heeds no cancel. */
  readonly lasting: Project
  /** What each of them did before. */
  readonly memory: Memory
}

export async function whileOff<Value>(
  project: Project,
  refs: readonly InstanceRef[],
  options: IdleOptions,
  act: () => Promise<Value>,
): Promise<Value> {
  // In the same order by everybody: nobody waits for who waits for them.
  const [first, ...rest] = refs.toSorted((left, right) => (instancePath(left) < instancePath(right) ? -1 : 1))
  if (first === undefined) return act()
  const key = `${project.name}${instancePath(first)}`
  const queue = turns.get(key) ?? new PQueue({ concurrency: 1 })
  turns.set(key, queue)
  try {
    return await queue.add(async () => {
      // A signal given to the queue would leave behind what runs already.
      project.signal.throwIfAborted()
      return oneOff(project, first, options, () => whileOff(project, rest, options, act))
    })
  } finally {
    if (queue.size + queue.pending === 0) turns.delete(key)
  }
}

async function oneOff<Value>(
  project: Project,
  ref: InstanceRef,
  { lasting, memory }: IdleOptions,
  act: () => Promise<Value>,
): Promise<Value> {
  await untilQuiet(project, ref)
  const power = await powerBefore(project, ref, memory)
  if (power === undefined) return act()
  let outcome: { readonly value: Value } | { readonly thrown: unknown }
  try {
    await stopInstance(project, ref)
    outcome = { value: await act() }
  } catch (thrown) {
    outcome = { thrown }
  }
  try {
    await bring(lasting, ref, power)
    await memory.write(without(memory.read(), instancePath(ref)))
  } catch (problem) {
    if (!('thrown' in outcome)) throw problem
    lasting.log.error(`Instance ${ref.name} was ${power} and is not put back to that: ${asFault(problem).message}`)
  }
  if ('thrown' in outcome) throw outcome.thrown
  return outcome.value
}

/** undefined: it is gone, or nobody can put it back to what it does. */
async function powerBefore(project: Project, ref: InstanceRef, memory: Memory): Promise<RestingState | undefined> {
  const kept = memory.read()
  const path = instancePath(ref)
  const known = restingStates.find(
    (state) => isJsonObject(kept ?? null) && (kept as Record<string, Json>)[path] === state,
  )
  if (known !== undefined) return known
  if ((await findInstance(project, ref)) === undefined) return undefined
  const power = await restingState(project, ref)
  if (power !== undefined)
    await memory.write({ ...(isJsonObject(kept ?? null) ? (kept as object) : {}), [path]: power })
  return power
}

function without(value: Json | undefined, path: string): Json | undefined {
  if (value === undefined || !isJsonObject(value)) return undefined
  const rest = Object.entries(value).filter(([name]) => name !== path)
  return rest.length === 0 ? undefined : Object.fromEntries(rest)
}

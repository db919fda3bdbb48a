// Keeps what was read of files until they change, so that what was read for one host serves thousands.
import { stat } from 'node:fs/promises'

/** To be awaited before a file is read or a folder is looked into. */
export type See = (path: string) => Promise<void>

interface Kept<Value> {
  /** By path, how it was before it was read: what changes while we read counts as changed afterwards. */
  readonly states: ReadonlyMap<string, string>
  readonly value: Value
}

export class ReadFiles<Value> {
  readonly #kept = new Map<string, Kept<Value>>()
  readonly #pending = new Map<string, Promise<Value>>()

  /** Who comes while it reads waits for it. */
  async of(id: string, read: (see: See) => Promise<Value>): Promise<Value> {
    const found = this.#kept.get(id)
    if (found && (await isAsBefore(found.states))) return found.value
    const pending = this.#pending.get(id)
    if (pending) return pending
    const reading = this.#read(id, read)
    this.#pending.set(id, reading)
    try {
      return await reading
    } finally {
      this.#pending.delete(id)
    }
  }

  async #read(id: string, read: (see: See) => Promise<Value>): Promise<Value> {
    const states = new Map<string, string>()
    const value = await read(async (path) => {
      const state = await stateOf(path)
      if (!states.has(path)) states.set(path, state)
    })
    this.#kept.set(id, { states, value })
    return value
  }
}

async function isAsBefore(states: ReadonlyMap<string, string>): Promise<boolean> {
  const same = await Promise.all([...states].map(async ([path, state]) => (await stateOf(path)) === state))
  return same.every(Boolean)
}

// One that is not there has a state, too.
async function stateOf(path: string): Promise<string> {
  try {
    const { mtimeNs, ctimeNs, size, ino } = await stat(path, { bigint: true })
    return [mtimeNs, ctimeNs, size, ino].join()
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

// Keeps what was read of files until they change, so that what was read for one host serves thousands.
import { statSync } from 'node:fs'

/** To be called before a file is read or a folder is looked into. */
export type See = (path: string) => void

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
    if (found && isAsBefore(found.states)) return found.value
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
    const value = await read((path) => {
      const state = stateOf(path)
      if (!states.has(path)) states.set(path, state)
    })
    this.#kept.set(id, { states, value })
    return value
  }
}

function isAsBefore(states: ReadonlyMap<string, string>): boolean {
  for (const [path, state] of states) if (stateOf(path) !== state) return false
  return true
}

// One that is not there has a state, too. Done at once: to wait for it takes many times longer than it does.
function stateOf(path: string): string {
  try {
    const { mtimeNs, ctimeNs, size, ino } = statSync(path, { bigint: true })
    return [mtimeNs, ctimeNs, size, ino].join()
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

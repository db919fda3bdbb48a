// While a simulation runs, the clock, timers and chance of the machine are out of reach: whoever of our own code touches
// them is told at once, instead of making seeds lie. Libraries are given virtual time; setImmediate joins the turns of
// the timeline.
import type { Instant } from '../../kernel/duration.ts'

export interface Turns {
  now(): Instant
  /** Runs `callback` once everything that can run now has run. */
  soon(callback: () => void): void
}

/** Where the machine may be touched also now: the world of the machine, and whoever is no code of ours. */
const isAllowed = (frame: string): boolean =>
  frame.includes('/world/real-world.') || !/[\\/](?:src|dist)[\\/]/.test(frame)

/** Replaces them and returns what puts them back. One simulation at a time runs in a thread. */
export function takeGlobals(turns: Turns): () => void {
  const kept = {
    dateNow: Date.now,
    performanceNow: performance.now.bind(performance),
    random: Math.random,
    setTimeout: globalThis.setTimeout,
    setInterval: globalThis.setInterval,
    setImmediate: globalThis.setImmediate,
    fetch: globalThis.fetch,
    randomUUID: crypto.randomUUID.bind(crypto),
    timeout: AbortSignal.timeout.bind(AbortSignal),
  }
  const guarded =
    <Arguments extends readonly unknown[], Value>(
      name: string,
      real: (...args: Arguments) => Value,
      library: (...args: Arguments) => Value = real,
    ) =>
    (...args: Arguments): Value => {
      const caller = callerOf()
      if (caller.includes('/world/real-world.')) return real(...args)
      if (isAllowed(caller) || caller.includes('node_modules')) return library(...args)
      throw new TypeError(`${name} is out of reach in a simulation; called ${caller.trim()}`)
    }
  const replaced = {
    setTimeout: guarded('setTimeout', kept.setTimeout as (...args: never[]) => unknown),
    setInterval: guarded('setInterval', kept.setInterval as (...args: never[]) => unknown),
    setImmediate: (callback: (...args: unknown[]) => void, ...args: unknown[]) => turns.soon(() => callback(...args)),
    fetch: guarded('fetch', kept.fetch as (...args: never[]) => unknown),
  }
  Object.assign(globalThis, replaced)
  Date.now = guarded('Date.now', kept.dateNow, () => turns.now())
  performance.now = guarded('performance.now', kept.performanceNow, () => turns.now())
  Math.random = guarded('Math.random', kept.random)
  crypto.randomUUID = guarded('crypto.randomUUID', kept.randomUUID)
  AbortSignal.timeout = guarded('AbortSignal.timeout', kept.timeout)
  return () => {
    const { setTimeout, setInterval, setImmediate, fetch } = kept
    Object.assign(globalThis, { setTimeout, setInterval, setImmediate, fetch })
    Date.now = kept.dateNow
    performance.now = kept.performanceNow
    Math.random = kept.random
    crypto.randomUUID = kept.randomUUID
    AbortSignal.timeout = kept.timeout
  }
}

/** The line of the stack that names who called the replaced function. */
function callerOf(): string {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 4
  const lines = (new Error().stack ?? '').split('\n')
  Error.stackTraceLimit = limit
  return lines[3] ?? ''
}

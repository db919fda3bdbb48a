// One line at the foot of the terminal while an execution runs: how long, what runs, what stands still and for how long.
import type { EventRecord } from '../engine/api.ts'
import type { Duration, Instant } from '../kernel/duration.ts'
import type { Call } from './call.ts'
import { printableLine } from './printable.ts'

const redrawInterval: Duration = 200
const freezeOperation = 'cloudify.interfaces.freeze.fs_prepare'
const thawOperation = 'cloudify.interfaces.freeze.fs_finalize'
const clearLine = '\r\u001b[2K'

/** What the events so far tell about now. */
export class ProgressState {
  readonly #running = new Map<string, string>()
  readonly #frozen = new Map<string, Instant>()

  take(event: EventRecord): void {
    const { instanceId, operation } = event
    if (instanceId === null || operation === null) return
    const key = `${instanceId} ${operation}`
    if (event.kind === 'task_started') {
      this.#running.set(key, `${instanceId}.${operation.slice(operation.lastIndexOf('.') + 1)}`)
      if (operation === freezeOperation && !this.#frozen.has(instanceId)) this.#frozen.set(instanceId, event.time)
    }
    if (event.kind === 'task_succeeded' || event.kind === 'task_failed' || event.kind === 'task_rescheduled') {
      this.#running.delete(key)
    }
    if (event.kind === 'task_succeeded' && operation === thawOperation) this.#frozen.delete(instanceId)
    if (event.kind === 'task_failed' && operation === freezeOperation) this.#frozen.delete(instanceId)
  }

  /** At most `columns` wide. */
  text(started: Instant, now: Instant, columns: number): string {
    const running = [...this.#running.values()]
    const frozen = [...this.#frozen].map(([id, since]) => `${id} ${((now - since) / 1000).toFixed(1)} s`)
    const parts = [
      clockText(now - started),
      ...(frozen.length === 0 ? [] : [`frozen ${frozen.length}: ${frozen.join(', ')}`]),
      ...(running.length === 0 ? [] : [`running ${running.length}: ${running.join(', ')}`]),
    ]
    return cut(printableLine(parts.join('  ')), columns)
  }
}

export interface Progress {
  take(event: EventRecord): void
  /** Takes the line away, lets `print` print, and draws it again. */
  around(print: () => void): void
  stop(): void
}

/** Draws on stderr, and only on a terminal whose user wants to read along. */
export function startProgress(call: Call): Progress {
  const { stderr, world, env } = call.host
  const isWanted = stderr.isTerminal && env.TERM !== 'dumb' && !call.isQuiet && !call.isJson
  if (!isWanted) return { take: () => {}, around: (print) => print(), stop: () => {} }
  const state = new ProgressState()
  const started = world.clock.now()
  const stopping = new AbortController()
  const draw = (): void => {
    stderr.write(clearLine + state.text(started, world.clock.now(), (stderr.columns ?? 80) - 1))
  }
  void redraw(draw, (length) => world.clock.sleep(length, stopping.signal), stopping.signal)
  return {
    take: (event) => state.take(event),
    around: (print) => {
      if (stopping.signal.aborted) return print()
      stderr.write(clearLine)
      print()
      draw()
    },
    stop: () => {
      if (stopping.signal.aborted) return
      stopping.abort()
      stderr.write(clearLine)
    },
  }
}

async function redraw(
  draw: () => void,
  sleep: (length: Duration) => Promise<void>,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    draw()
    // It rejects only when it is stopped, and then the loop ends.
    await sleep(redrawInterval).catch(() => {})
  }
}

function clockText(length: Duration): string {
  const seconds = Math.floor(length / 1000)
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}

/** Wide characters take two columns, so that they are counted as two. */
function cut(text: string, columns: number): string {
  const wide =
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u
  let width = 0
  let shown = ''
  for (const character of text) {
    width += wide.test(character) ? 2 : 1
    if (width > columns) return `${[...shown].slice(0, -1).join('')}…`
    shown += character
  }
  return shown
}

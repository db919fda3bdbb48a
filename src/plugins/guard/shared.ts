// One guard for all that this process has frozen in one way: started with the first watch, let go with the last.
import { existsSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Socket } from 'node:net'
import type { Duration } from '../../kernel/duration.ts'
import type { OperationContext } from '../contract/context.ts'
import type { GuardHandle } from './handle.ts'
import { answerFrom, armPatience, notArmed, signalGuard, startGuard, type GuardChild, type Launch } from './launch.ts'
import { bootId, isAlive } from './process-table.ts'
import { replaceFile } from './record-file.ts'
import { dismissalPath, type DismissalRequest, type GuardAnswer, type WatchEnd, type WatchName } from './record.ts'

const glance = 5

interface Asked {
  hear(answer: GuardAnswer): void
  miss(reason: string): void
}

class SharedGuard {
  readonly #child: GuardChild
  readonly #asked = new Map<string, Asked>()
  readonly #watches = new Set<string>()
  readonly #onEnd: () => void
  #isGone = false

  constructor(program: string, onEnd: () => void) {
    this.#onEnd = onEnd
    this.#child = startGuard(program)
    this.#child.once('error', (error) => this.#lose(error.message))
    this.#child.once('exit', (code) => this.#lose(`the guard ended (exit code ${code})`))
    this.#child.stdin.on('error', () => undefined)
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(line))
    // Nothing of it keeps us from ending.
    this.#child.unref()
    for (const pipe of [this.#child.stdin, this.#child.stdout]) if (pipe instanceof Socket) pipe.unref()
  }

  async ask(ctx: OperationContext, { request }: Launch, watch: string): Promise<GuardAnswer> {
    const over = new AbortController()
    const late = ctx.world.clock.sleep(armPatience, AbortSignal.any([over.signal, ctx.signal])).then(() => {
      throw notArmed('the guard did not answer in time')
    })
    const heard = new Promise<GuardAnswer>((hear, reject) => {
      this.#asked.set(watch, { hear, miss: (reason) => reject(notArmed(reason)) })
    })
    this.#watches.add(watch)
    this.#child.stdin.write(`${JSON.stringify({ ...request, watch })}\n`)
    try {
      return await Promise.race([heard, late])
    } catch (thrown) {
      this.leave(watch)
      throw thrown
    } finally {
      for (const either of [heard, late]) either.catch(() => undefined)
      over.abort()
      this.#asked.delete(watch)
    }
  }

  /** Its process has ended: what it did not answer for it does not watch over. */
  get isGone(): boolean {
    return this.#isGone
  }

  /** With the last watch it may end. */
  leave(watch: string): void {
    if (!this.#watches.delete(watch) || this.#watches.size > 0) return
    this.#onEnd()
    this.#child.stdin.end()
  }

  #hear(line: string): void {
    const { over } = JSON.parse(line) as Partial<WatchEnd>
    // Of one that has fired, perhaps nobody will ever ask.
    if (over !== undefined) return this.leave(over)
    const said = answerFrom(line)
    this.#asked.get(said.watch ?? '')?.hear(said)
  }

  #lose(reason: string): void {
    this.#isGone = true
    this.#onEnd()
    for (const { miss } of this.#asked.values()) miss(reason)
  }
}

/** By its program. */
const guards = new Map<string, SharedGuard>()

function guardOf(program: string): SharedGuard {
  const known = guards.get(program)
  if (known) return known
  const made = new SharedGuard(program, () => {
    if (guards.get(program) === made) guards.delete(program)
  })
  guards.set(program, made)
  return made
}

/** Starts the guard ahead of its first watch, so that nobody waits for it then. It ends by itself when none comes. */
export function readyGuard(program: string): void {
  guardOf(program)
}

/** Resolves once the clock of the watch runs. The program is one that keeps watches. @throws Fault `freeze.not_armed` */
export async function addWatch(ctx: OperationContext, launch: Launch): Promise<GuardHandle> {
  const watch = ctx.world.randomText(12, 'abcdefghijklmnopqrstuvwxyz0123456789')
  const ready = guardOf(launch.program)
  const asked = ready.ask(ctx, launch, watch).catch((thrown: unknown) => {
    // It may have given up the wait for its first watch, or somebody may have killed it.
    if (!ready.isGone) throw thrown
    return guardOf(launch.program).ask(ctx, launch, watch)
  })
  const { pid, startTime, marker } = await asked
  const { token, recordPath: record } = launch.request
  return { pid, startTime, bootId: bootId(), token, marker, record, patience: launch.patience, watch }
}

interface Dismissal {
  readonly program: string
  readonly guard: WatchName
  /** In which it keeps its files. */
  readonly folder: string
  /** For one that is just thawing; then it is told to stop that. */
  readonly patience: Duration
}

/** Ends one watch of a guard, and leaves the others alone. */
export async function dismissWatch(
  { world: { clock } }: Pick<OperationContext, 'world'>,
  { program, guard, folder, patience }: Dismissal,
): Promise<void> {
  const path = dismissalPath(folder, guard)
  const tell = (wish: DismissalRequest): void => {
    replaceFile(path, JSON.stringify(wish))
    signalGuard(guard, 'SIGUSR2')
  }
  const end = clock.monotonic() + patience
  let isLate = false
  if (isAlive(guard)) tell({ atOnce: false })
  while (isAlive(guard) && existsSync(path)) {
    if (!isLate && clock.monotonic() > end) tell({ atOnce: (isLate = true) })
    await clock.sleep(glance)
  }
  rmSync(path, { force: true })
  guards.get(program)?.leave(guard.watch ?? '')
}

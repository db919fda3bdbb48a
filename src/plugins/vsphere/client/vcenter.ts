// A vCenter for one user of it: the shared session, with the signal and the log of whoever works with it now.
import { formatDuration, seconds, type Duration } from '../../../kernel/duration.ts'
import { Fault, fault } from '../../../kernel/fault.ts'
import type { World } from '../../../world/world.ts'
import type { OperationLog } from '../../contract/context.ts'
import { at, refIn, type Element } from './element.ts'
import { callOf } from './exchange.ts'
import { badAnswer } from './network-faults.ts'
import { listObjects, readObjects, type Found, type Query } from './properties.ts'
import { taskFault } from './refusals.ts'
import { managerOf, type Session } from './session.ts'
import type { TaskWatch } from './task-watch.ts'
import type { Field, Ref } from './value.ts'
import type { Transfer } from './wire.ts'

export interface VCenterUse {
  readonly signal: AbortSignal
  readonly log: OperationLog
}

export interface TaskOptions {
  /** Default: an hour. */
  readonly limit?: Duration | undefined
  readonly progress?: (percent: number) => void
  /** Default: yes. Those of others are never cancelled. */
  readonly isOurs?: boolean
  /** Also when the limit is over: it must not go on unseen. Default: no, it is left to end. */
  readonly isCancelledLate?: boolean
}

const usualLimit = seconds(3600)
const cancelLimit = seconds(10)

export class VCenter {
  readonly signal: AbortSignal
  readonly log: OperationLog
  readonly #session: Session
  readonly #tasks: TaskWatch

  constructor(session: Session, tasks: TaskWatch, { signal, log }: VCenterUse) {
    this.#session = session
    this.#tasks = tasks
    this.signal = signal
    this.log = log
  }

  get world(): World {
    return this.#session.world
  }

  /** Outlives the operation: for what has to be done when that was given up. */
  lasting(): VCenter {
    return new VCenter(this.#session, this.#tasks, { signal: this.#session.lifetime, log: this.log })
  }

  /** A manager of the vCenter: `searchIndex`. */
  async manager(name: string): Promise<Ref> {
    return managerOf(await this.#session.signedIn(this.signal), name)
  }

  /** `about`: id of what it concerns, where that is not the target. @throws Fault `vsphere.*` */
  async call(target: Ref, method: string, args: readonly Field[] = [], about?: string): Promise<Element> {
    const call = callOf(this.#session.settings.origin, { method, target, about })
    const { clock } = this.world
    const began = clock.monotonic()
    const told = (outcome: string): void => {
      // Reads are too many to tell of.
      if (!call.isRead) this.log.debug(`${call.name}: ${outcome} in ${formatDuration(clock.monotonic() - began)}`)
    }
    try {
      const answer = await this.#session.call({ target, method, args, about, signal: this.signal })
      told('taken')
      return answer
    } catch (thrown) {
      if (thrown instanceof Fault) told(thrown.code)
      throw thrown
    }
  }

  /** @throws Fault `vsphere.not_found` */
  async read(ref: Ref, paths: readonly string[]): Promise<Found> {
    const [found] = await readObjects(this.#session, this.signal, { type: ref.type, paths }, [ref])
    if (found !== undefined) return found
    throw fault('vsphere.not_found', {
      details: { call: `RetrievePropertiesEx ${ref.id}`, message: 'it is gone', fault: 'ManagedObjectNotFound' },
    })
  }

  /** undefined when it is gone. */
  async find(ref: Ref, paths: readonly string[]): Promise<Found | undefined> {
    try {
      return await this.read(ref, paths)
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'vsphere.not_found') return undefined
      throw thrown
    }
  }

  list(query: Query, below?: Ref): AsyncIterable<Found> {
    return listObjects(this.#session, this.signal, query, below)
  }

  /** Asks for a task and waits for its end. What it gives is the task's result. @throws Fault `vsphere.*` */
  async run(
    target: Ref,
    method: string,
    args: readonly Field[] = [],
    options: TaskOptions = {},
  ): Promise<Element | undefined> {
    const task = await this.begin(target, method, args)
    return this.ended(task, `${method} ${target.id}`, options)
  }

  /** Where it is reached: in addresses of leases its host may be left open. */
  get origin(): string {
    return this.#session.settings.origin
  }

  /** Bytes from or to a host that a lease names. @throws Fault `vsphere.*` */
  transfer<Result>(request: Omit<Transfer<Result>, 'signal'> & { readonly signal?: AbortSignal }): Promise<Result> {
    return this.#session.transfer({ ...request, signal: request.signal ?? this.signal })
  }

  /** Only asks for it. */
  async begin(target: Ref, method: string, args: readonly Field[] = []): Promise<Ref> {
    const task = refIn(at(await this.call(target, method, args), 'returnval'))
    if (task !== undefined) return task
    throw badAnswer({ name: `${method} ${target.id}`, isRead: false, origin: '' }, 'it names no task')
  }

  /** Whoever no longer waits for it has it cancelled. @throws Fault `vsphere.task_late`, and how the task failed */
  async ended(
    task: Ref,
    call: string,
    { limit = usualLimit, progress, isOurs = true, isCancelledLate = false }: TaskOptions = {},
  ): Promise<Element | undefined> {
    const late = new AbortController()
    const done = new AbortController()
    this.world.clock.sleep(limit, done.signal).then(
      () => late.abort(),
      () => {},
    )
    try {
      const signal = AbortSignal.any([this.signal, late.signal])
      const end = await this.#tasks.end(task, call, signal, progress)
      if (end.fault === undefined) return end.result
      throw taskFault({ name: call }, task.id, end.fault)
    } catch (thrown) {
      if (this.signal.aborted && isOurs) await this.#cancel(task)
      else if (late.signal.aborted) {
        if (isOurs && isCancelledLate) await this.#cancel(task)
        throw fault('vsphere.task_late', { details: { call, task: task.id, limit: formatDuration(limit) } })
      }
      throw thrown
    } finally {
      done.abort()
    }
  }

  // Best effort: not every task can be cancelled, and one that is through is none to cancel.
  async #cancel(task: Ref): Promise<void> {
    const signal = this.#session.lifetime
    try {
      await this.#session.call({ target: task, method: 'CancelTask', signal, deadline: cancelLimit })
    } catch (thrown) {
      this.log.debug(`task ${task.id} could not be cancelled: ${String((thrown as { code?: unknown }).code)}`)
    }
  }
}

// All tasks and leases of a connection, watched by one WaitForUpdatesEx: however many there are, a vCenter is asked once, and tells when
// something has changed. What belongs to a session that has ended is made anew in the next.
import { seconds } from '../../../kernel/duration.ts'
import { Fault, fault } from '../../../kernel/fault.ts'
import { allOf, at, numberAt, refIn, textAt, type Element } from './element.ts'
import { filterSpec, ignoreFaults, readObjects, viewSpec } from './properties.ts'
import { managerOf, type Session, type SignedIn } from './session.ts'
import { struct, type Field, type Ref } from './value.ts'

/** How a task ended. */
export interface TaskEnd {
  readonly state: 'success' | 'error'
  readonly result: Element | undefined
  /** Of an error. */
  readonly fault: { readonly type: string; readonly message: string } | undefined
}

interface Watched {
  readonly ref: Ref
  readonly resolve: (end: TaskEnd) => void
  readonly reject: (problem: unknown) => void
  readonly progress: ((percent: number) => void) | undefined
}

/** What was set up in one session. */
interface View {
  readonly signedIn: SignedIn
  /** Its own: what others wait for in the session's usual one is theirs. */
  readonly collector: Ref
  readonly list: Ref
  /** Tasks that it shows. */
  readonly shown: Set<string>
  readonly changes: Change[]
  isChanging: boolean
  version: string
}

interface Change {
  readonly kind: 'add' | 'remove'
  readonly task: Ref
  readonly resolve: () => void
  readonly reject: (problem: unknown) => void
}

/** The vCenter answers at the end of it even when nothing has happened. */
const longestWait = 50
const slack = seconds(15)
const firstPause = 250
const watchedTypes = [
  { type: 'Task', paths: ['info'] },
  { type: 'HttpNfcLease', paths: ['state', 'error'] },
] as const
const longestPause = seconds(10)

export class TaskWatch {
  readonly #session: Session
  readonly #watched = new Map<string, Watched>()
  #view: Promise<View> | undefined
  #isRunning = false

  constructor(session: Session) {
    this.#session = session
  }

  /** @throws Fault `vsphere.task_lost`; the signal's reason */
  async end(task: Ref, call: string, signal: AbortSignal, progress?: (percent: number) => void): Promise<TaskEnd> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<TaskEnd>()
    const leave = (): void => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    this.#watched.set(task.id, { ref: task, resolve, reject, progress })
    const adding = this.#add(task).catch((problem: unknown) => {
      if (isGone(problem)) reject(fault('vsphere.task_lost', { details: { call, task: task.id } }))
      // Whatever else is wrong, the loop meets it as well, and makes its view anew.
      else ignoreFaults(problem)
    })
    if (!this.#isRunning) void this.#run()
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', leave)
      this.#watched.delete(task.id)
      void adding.then(() => this.#drop(task))
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    let pause = firstPause
    try {
      while (this.#watched.size > 0) {
        try {
          await this.#turn()
          pause = firstPause
        } catch (thrown) {
          if (isFinal(thrown)) throw thrown
          this.#discard()
          const { clock } = this.#session.world
          await clock.sleep(Math.max(pause, (thrown as Fault).after ?? 0), this.#session.lifetime)
          pause = Math.min(pause * 2, longestPause)
        }
      }
    } catch (thrown) {
      this.#view = undefined
      for (const { reject } of this.#watched.values()) reject(thrown)
    } finally {
      this.#isRunning = false
    }
  }

  async #turn(): Promise<void> {
    const session = this.#session
    const view = await this.#viewOf()
    const { signedIn } = view
    const signal = AbortSignal.any([session.lifetime, signedIn.ended])
    const options = struct([['maxWaitSeconds', longestWait]])
    let answer: Element
    try {
      answer = await session.callAs(signedIn, {
        target: view.collector,
        method: 'WaitForUpdatesEx',
        args: [
          ['version', view.version],
          ['options', options],
        ],
        signal,
        deadline: seconds(longestWait) + slack,
        isWaiting: true,
      })
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'vsphere.session_ended') {
        await session.newerThan(signedIn, session.lifetime)
      }
      throw thrown
    }
    const set = at(answer, 'returnval')
    // Nothing for so long: in case something was missed, all are looked at, at once.
    if (set === undefined) return this.#readAll()
    view.version = textAt(set, 'version') ?? view.version
    for (const filter of allOf(set, 'filterSet')) {
      for (const object of allOf(filter, 'objectSet')) this.#take(object)
    }
  }

  #take(object: Element): void {
    const task = refIn(at(object, 'obj'))
    if (task === undefined) return
    const values = new Map<string, Element>()
    for (const change of allOf(object, 'changeSet')) {
      const value = at(change, 'val')
      if (value !== undefined) values.set(textAt(change, 'name') ?? '', value)
    }
    this.#tellOf(task, values)
  }

  #tellOf(ref: Ref, values: ReadonlyMap<string, Element>): void {
    if (ref.type === 'HttpNfcLease') return this.#tellLease(ref, values)
    const info = values.get('info')
    if (info !== undefined) this.#tell(ref, info)
  }

  // A lease is waited for until it is ready, and not longer.
  #tellLease(lease: Ref, values: ReadonlyMap<string, Element>): void {
    const state = values.get('state')?.text.trim()
    if (state === undefined || state === 'initializing') return
    const error = values.get('error')
    const fault =
      state === 'ready'
        ? undefined
        : {
            type: at(error, 'fault')?.xsiType ?? error?.xsiType ?? 'an error without a type',
            message: textAt(error, 'localizedMessage') ?? `the lease is ${state}`,
          }
    const end: TaskEnd = { state: fault === undefined ? 'success' : 'error', result: undefined, fault }
    this.#watched.get(lease.id)?.resolve(end)
  }

  #tell(task: Ref, info: Element): void {
    const watched = this.#watched.get(task.id)
    if (watched === undefined) return
    const state = textAt(info, 'state')
    if (state === 'success' || state === 'error') return watched.resolve(endOf(info, state))
    const progress = numberAt(info, 'progress')
    if (progress !== undefined) watched.progress?.(progress)
  }

  async #readAll(): Promise<void> {
    const refs = [...this.#watched.values()].map(({ ref }) => ref)
    for (const query of watchedTypes) {
      const own = refs.filter(({ type }) => type === query.type)
      const found = await readObjects(this.#session, this.#session.lifetime, query, own)
      for (const { ref, values } of found) this.#tellOf(ref, values)
    }
  }

  async #add(task: Ref): Promise<void> {
    await this.#show(await this.#viewOf(), task)
  }

  async #show(view: View, task: Ref): Promise<void> {
    if (view.shown.has(task.id)) return
    view.shown.add(task.id)
    await this.#modify(view, 'add', task)
  }

  async #drop(task: Ref): Promise<void> {
    const view = await this.#view?.catch(ignoreFaults)
    if (view?.shown.delete(task.id) === true) await this.#modify(view, 'remove', task).catch(ignoreFaults)
  }

  // Several at once, as many as came while the last change was on its way.
  #modify(view: View, kind: 'add' | 'remove', task: Ref): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    view.changes.push({ kind, task, resolve, reject })
    if (!view.isChanging) void this.#flush(view)
    return promise
  }

  async #flush(view: View): Promise<void> {
    view.isChanging = true
    while (view.changes.length > 0) {
      const batch = view.changes.splice(0)
      try {
        await this.#send(view, batch)
        for (const { resolve } of batch) resolve()
      } catch (thrown) {
        if (batch.length === 1 || !isGone(thrown)) for (const { reject } of batch) reject(thrown)
        // One of them is gone: each by itself shows which.
        else for (const one of batch) await this.#send(view, [one]).then(one.resolve, one.reject)
      }
    }
    view.isChanging = false
  }

  async #send({ signedIn, list }: View, batch: readonly Change[]): Promise<void> {
    const of = (kind: Change['kind']): readonly Ref[] =>
      batch.filter((change) => change.kind === kind).map(({ task }) => task)
    const added = of('add')
    const answer = await this.#session.callAs(signedIn, {
      target: list,
      method: 'ModifyListView',
      args: [
        ['add', added],
        ['remove', of('remove')],
      ],
      signal: this.#session.lifetime,
    })
    // A real one tells in its answer what is gone.
    const gone = allOf(answer, 'returnval').map(({ text }) => text.trim())
    if (added.some(({ id }) => gone.includes(id))) throw goneFrom(list, gone)
  }

  // A session that lives on keeps what was set up in it, and goes on collecting.
  #discard(): void {
    const given = this.#view
    this.#view = undefined
    const { lifetime: signal } = this.#session
    void given
      ?.then(async ({ signedIn, collector, list }) => {
        if (signedIn.ended.aborted) return
        await this.#session.callAs(signedIn, { target: collector, method: 'DestroyPropertyCollector', signal })
        await this.#session.callAs(signedIn, { target: list, method: 'DestroyView', signal })
      })
      .catch(() => {
        // It goes with the session at the latest.
      })
  }

  // Of all who find that there is none, one makes it.
  #viewOf(): Promise<View> {
    this.#view ??= this.#makeView().catch((problem: unknown) => {
      this.#view = undefined
      throw problem
    })
    return this.#view
  }

  async #makeView(): Promise<View> {
    const session = this.#session
    const signal = session.lifetime
    // Whoever asks in a session that has ended gets another one by it.
    const signedIn = await session.signedIn(signal)
    const create = (target: Ref, method: string, args: readonly Field[]) =>
      session.callAs(signedIn, { target, method, args, signal }).then((answer) => refIn(at(answer, 'returnval')))
    try {
      const [list, collector] = await Promise.all([
        create(managerOf(signedIn, 'viewManager'), 'CreateListView', []),
        create(managerOf(signedIn, 'propertyCollector'), 'CreatePropertyCollector', []),
      ])
      if (list === undefined) throw notMade('CreateListView')
      if (collector === undefined) throw notMade('CreatePropertyCollector')
      const spec = filterSpec(watchedTypes, [viewSpec(list, 'ListView')])
      await create(collector, 'CreateFilter', [
        ['spec', spec],
        ['partialUpdates', false],
      ])
      const view: View = { signedIn, collector, list, shown: new Set(), changes: [], isChanging: false, version: '' }
      const showing = [...this.#watched].map(([id, { ref, reject }]) =>
        this.#show(view, ref).catch((problem: unknown) => {
          if (!isGone(problem)) throw problem
          reject(fault('vsphere.task_lost', { details: { call: 'a task', task: id } }))
        }),
      )
      await Promise.all(showing)
      return view
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'vsphere.session_ended') await session.newerThan(signedIn, signal)
      throw thrown
    }
  }
}

function endOf(info: Element, state: TaskEnd['state']): TaskEnd {
  const error = at(info, 'error')
  const found = at(error, 'fault')
  return {
    state,
    result: at(info, 'result'),
    fault:
      state === 'success'
        ? undefined
        : { type: found?.xsiType ?? 'an error without a type', message: textAt(error, 'localizedMessage') ?? '' },
  }
}

const goneFrom = ({ id }: Ref, gone: readonly string[]): Fault =>
  fault('vsphere.not_found', {
    details: { call: `ModifyListView ${id}`, message: gone.join(', '), fault: 'ManagedObjectNotFound' },
  })

const notMade = (call: string): Fault =>
  fault('vsphere.bad_answer', { details: { call, reason: 'it makes none' }, effect: 'none' })

const isGone = (problem: unknown): boolean => problem instanceof Fault && problem.code === 'vsphere.not_found'

// Waiting outlives a vCenter that is away for a moment, and a session that ended.
function isFinal(thrown: unknown): boolean {
  if (!(thrown instanceof Fault)) return true
  return ['vsphere.refused', 'vsphere.bad_certificate', 'vsphere.given_up', 'vsphere.denied'].includes(thrown.code)
}

// One user at one vCenter: the session that all work of this process shares, opened anew when the vCenter has ended it.
import { Fault, fault } from '../../../kernel/fault.ts'
import { Redactor } from '../../../kernel/secret.ts'
import type { World } from '../../../world/world.ts'
import { orAborted } from '../../http/shared-work.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import { allOf, at, refIn, textAt, type Element } from './element.ts'
import { callOf, exchange, type Exchange } from './exchange.ts'
import type { Field, Ref } from './value.ts'
import type { Transfer, Wire } from './wire.ts'

export interface VimRequest {
  readonly target: Ref
  readonly method: string
  /** Id of what it concerns, where that is not its target: for people. */
  readonly about?: string | undefined
  /** In the order of the WSDL. */
  readonly args?: readonly Field[]
  readonly signal: AbortSignal
  /** Default: a minute. */
  readonly deadline?: number
  /** It only waits for something to happen, and takes no turn from others. */
  readonly isWaiting?: boolean
}

/** The managers of a vCenter, by the names of its content: `propertyCollector`. */
export interface SignedIn {
  readonly cookie: string
  readonly managers: ReadonlyMap<string, Ref>
  /** `VMware vCenter Server 8.0.2` */
  readonly product: string
  readonly instanceId: string
  /** Aborts when it is used no longer: what belongs to it is gone. */
  readonly ended: AbortSignal
}

const serviceInstance: Ref = { type: 'ServiceInstance', id: 'ServiceInstance' }
const signInLimit = 30_000
const signOutLimit = 2000

export class Session {
  readonly settings: ConnectionSettings
  readonly world: World
  readonly #wire: Wire
  readonly #closing = new AbortController()
  #current: { readonly signedIn: SignedIn; readonly end: () => void } | undefined
  #renewal: Promise<SignedIn> | undefined

  constructor(world: World, wire: Wire, settings: ConnectionSettings) {
    this.world = world
    this.#wire = wire
    this.settings = settings
  }

  /** Ends when the session is closed: for work that several wait for. */
  get lifetime(): AbortSignal {
    return this.#closing.signal
  }

  /**
   * The answer's element. Sent a second time only when the vCenter refused it for the want of a session.
   *
   * @throws Fault `vsphere.*`
   */
  async call(request: VimRequest): Promise<Element> {
    const signedIn = await this.signedIn(request.signal)
    try {
      return await this.callAs(signedIn, request)
    } catch (thrown) {
      if (!(await this.#hasEnded(thrown, signedIn, request.signal))) throw thrown
      return this.callAs(await this.newerThan(signedIn, request.signal), request)
    }
  }

  /** In this session or not at all. @throws Fault `vsphere.session_ended` */
  callAs(signedIn: Pick<SignedIn, 'cookie'>, request: VimRequest): Promise<Element> {
    return exchange(this.#exchange, request, signedIn.cookie).then(({ element }) => {
      if (!isOfNobody(element)) return element
      throw fault('vsphere.session_ended', { details: { call: callOf(this.settings.origin, request).name } })
    })
  }

  /** Bytes from or to a host that a lease names; those know nothing of sessions. @throws Fault `vsphere.*` */
  transfer<Result>(request: Transfer<Result>): Promise<Result> {
    return this.#wire.transfer(request)
  }

  async signedIn(signal: AbortSignal): Promise<SignedIn> {
    signal.throwIfAborted()
    if (this.#current !== undefined) return this.#current.signedIn
    // Shared by all who wait for it: one of them who leaves does not end it for the others.
    this.#renewal ??= this.#signIn().finally(() => {
      this.#renewal = undefined
    })
    return orAborted(this.#renewal, signal)
  }

  /** Another one than `old`, which the vCenter has ended. */
  async newerThan(old: SignedIn, signal: AbortSignal): Promise<SignedIn> {
    if (this.#current?.signedIn === old) {
      this.#current.end()
      this.#current = undefined
    }
    return this.signedIn(signal)
  }

  /** A vCenter has room for so many sessions only. */
  async close(): Promise<void> {
    const last = this.#current
    this.#current = undefined
    this.#closing.abort(fault('vsphere.given_up', { details: { call: 'Login' }, effect: 'none' }))
    last?.end()
    if (last !== undefined) {
      const signal = new AbortController().signal
      const target = managerOf(last.signedIn, 'sessionManager')
      const request = { target, method: 'Logout', signal, deadline: signOutLimit } as const
      await this.callAs(last.signedIn, request).catch(() => {})
    }
    await this.#wire.close()
  }

  get #exchange(): Exchange {
    const redactor = new Redactor()
    redactor.add(this.settings.password.reveal())
    if (this.#current !== undefined) redactor.add(bareCookie(this.#current.signedIn.cookie))
    return {
      wire: this.#wire,
      origin: this.settings.origin,
      world: this.world,
      redacted: (text) => redactor.text(text),
    }
  }

  // A session that has ended may also be told that it lacks every privilege.
  async #hasEnded(thrown: unknown, signedIn: SignedIn, signal: AbortSignal): Promise<boolean> {
    if (!(thrown instanceof Fault)) return false
    if (thrown.code === 'vsphere.session_ended') return true
    if (thrown.code !== 'vsphere.denied') return false
    if (this.#current?.signedIn !== signedIn) return true
    return !(await this.#isAlive(signedIn, signal))
  }

  async #isAlive(signedIn: SignedIn, signal: AbortSignal): Promise<boolean> {
    const manager = managerOf(signedIn, 'sessionManager')
    const spec: Field = [
      'specSet',
      {
        fields: [
          [
            'propSet',
            {
              fields: [
                ['type', 'SessionManager'],
                ['pathSet', 'currentSession'],
              ],
            },
          ],
          ['objectSet', { fields: [['obj', manager]] }],
        ],
      },
    ]
    const target = managerOf(signedIn, 'propertyCollector')
    const request = {
      target,
      method: 'RetrievePropertiesEx',
      signal,
      args: [spec, ['options', { fields: [] }]] as const,
    }
    try {
      const answer = await this.callAs(signedIn, request)
      return textAt(answer, 'returnval', 'objects', 'propSet', 'val', 'key') !== undefined
    } catch (thrown) {
      if (thrown instanceof Fault && ['vsphere.session_ended', 'vsphere.denied'].includes(thrown.code)) return false
      throw thrown
    }
  }

  async #signIn(): Promise<SignedIn> {
    const signal = this.lifetime
    const shared = { signal, deadline: signInLimit } as const
    const greeting = { target: serviceInstance, method: 'RetrieveServiceContent', ...shared } as const
    const content = await exchange(this.#exchange, greeting, undefined)
    const found = at(content.element, 'returnval')
    const managers = new Map(
      (found?.children ?? []).flatMap((child) => {
        const ref = refIn(child)
        return ref === undefined ? [] : [[child.name, ref] as const]
      }),
    )
    const { username, password } = this.settings
    const login = await exchange(
      this.#exchange,
      {
        target: managerOf({ managers }, 'sessionManager'),
        method: 'Login',
        args: [
          ['userName', username],
          ['password', password.reveal()],
        ],
        ...shared,
      },
      content.cookie,
    )
    const cookie = login.cookie ?? content.cookie
    if (cookie === undefined || allOf(login.element, 'returnval').length === 0) {
      throw fault('vsphere.bad_answer', { details: { call: 'Login', reason: 'it opens no session' }, effect: 'none' })
    }
    const ended = new AbortController()
    const signedIn: SignedIn = {
      cookie,
      managers,
      product: textAt(found, 'about', 'fullName') ?? 'a vCenter that does not tell its version',
      instanceId: textAt(found, 'about', 'instanceUuid') ?? this.settings.origin,
      ended: ended.signal,
    }
    this.#current = { signedIn, end: () => ended.abort(fault('vsphere.session_ended', { details: { call: 'Login' } })) }
    return signedIn
  }
}

/** @throws Fault `vsphere.bad_answer` when the server is none that has it: a lone ESXi host, as a rule */
export function managerOf({ managers }: Pick<SignedIn, 'managers'>, name: string): Ref {
  const ref = managers.get(name)
  if (ref !== undefined) return ref
  const details = { call: 'RetrieveServiceContent', reason: `it names no ${name}; is it a vCenter?` }
  throw fault('vsphere.bad_answer', { details, effect: 'none' })
}

// Whoever asks for properties without a session gets an answer in which none of them may be seen.
const isOfNobody = (answer: Element): boolean =>
  allOf(at(answer, 'returnval'), 'objects').some((object) =>
    allOf(object, 'missingSet').some((missing) => at(missing, 'fault', 'fault')?.xsiType === 'NotAuthenticated'),
  )

const bareCookie = (cookie: string): string => cookie.slice(cookie.indexOf('=') + 1).replaceAll('"', '')

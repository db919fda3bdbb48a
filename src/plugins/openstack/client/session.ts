// One identity at one cloud: its token, renewed in time and when the cloud no longer takes it, and the catalog that came
// with it. Everybody in this process with the same credentials shares it.
import { fault, type Fault } from '../../../kernel/fault.ts'
import type { Json } from '../../../kernel/json.ts'
import { Redactor } from '../../../kernel/secret.ts'
import type { World } from '../../../world/world.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import { grantIn, tokenRequest, type Grant } from './identity.ts'
import type { Call } from './network-faults.ts'
import { badAnswer, refusalFault } from './refusals.ts'
import type { Wire } from './wire.ts'

export interface Token {
  readonly value: string
  readonly grant: Grant
  /** By our clock. */
  readonly endsAt: number
}

const signInLimit = 30_000
/** A request that is on its way when its token ends is refused. */
const margin = 60_000

export class Session {
  readonly settings: ConnectionSettings
  readonly wire: Wire
  readonly world: World
  readonly #closing = new AbortController()
  #token: Token | undefined
  #renewal: Promise<Token> | undefined

  constructor(world: World, wire: Wire, settings: ConnectionSettings) {
    this.world = world
    this.wire = wire
    this.settings = settings
  }

  /** Ends when the session is closed: for work that several wait for. */
  get lifetime(): AbortSignal {
    return this.#closing.signal
  }

  /** @throws Fault `openstack.refused`, or what keeps Keystone from answering */
  async token(signal: AbortSignal): Promise<Token> {
    const { clock } = this.world
    if (this.#token && this.#token.endsAt - clock.now() > Math.min(margin, this.#token.grant.lifetime / 10)) {
      return this.#token
    }
    return this.#renew(signal)
  }

  /** Another one than `old`, which the cloud does not take. */
  async newerThan(old: Token, signal: AbortSignal): Promise<Token> {
    if (this.#token === old) this.#token = undefined
    return this.token(signal)
  }

  /** Takes passwords and tokens out of texts; `more`: what else must not be told. */
  redacted(text: string, more: readonly string[] = []): string {
    const redactor = new Redactor()
    const { credentials } = this.settings
    for (const value of [...secretsOf(credentials), this.#token?.value ?? '', ...more]) redactor.add(value)
    return redactor.text(text)
  }

  async close(): Promise<void> {
    this.#closing.abort(
      fault('openstack.given_up', { details: { call: 'POST identity /auth/tokens' }, effect: 'none' }),
    )
    await this.wire.close()
  }

  // Shared by all who wait for it: one of them who leaves does not end it for the others.
  async #renew(signal: AbortSignal): Promise<Token> {
    signal.throwIfAborted()
    this.#renewal ??= this.#signIn().finally(() => {
      this.#renewal = undefined
    })
    return orAborted(this.#renewal, signal)
  }

  async #signIn(): Promise<Token> {
    const { authUrl, credentials, scope } = this.settings
    const call: Call = {
      name: 'POST identity /auth/tokens',
      isRead: true,
      origin: new URL(authUrl).origin,
      requestId: `req-${this.world.newId()}`,
    }
    const askedAt = this.world.clock.now()
    const answer = await this.wire.send({
      call,
      method: 'POST',
      url: `${authUrl}/auth/tokens`,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-openstack-request-id': call.requestId,
      },
      body: JSON.stringify(tokenRequest(credentials, scope)),
      signal: this.#closing.signal,
      deadline: signInLimit,
      isUrgent: true,
    })
    const requestId = answer.headers['x-openstack-request-id'] ?? null
    if (answer.status !== 201 && answer.status !== 200) {
      const refusal = refusalFault(call, { ...answer, text: this.redacted(answer.text), requestId }, askedAt)
      throw answer.status === 401 ? refused(authUrl, refusal) : refusal
    }
    const value = answer.headers['x-subject-token']
    const grant = grantIn(jsonIn(answer.text))
    if (value === undefined || grant === undefined) throw badAnswer(call, 'it holds no token', requestId, 'none')
    this.#token = { value, grant, endsAt: askedAt + grant.lifetime }
    return this.#token
  }
}

function refused(url: string, refusal: Fault): Fault {
  const { message, ...details } = refusal.details
  return fault('openstack.refused', { details: { url, reason: message ?? 'it gives no reason', ...details } })
}

function secretsOf(credentials: ConnectionSettings['credentials']): readonly string[] {
  switch (credentials.kind) {
    case 'password':
      return [credentials.password.reveal()]
    case 'application_credential':
      return [credentials.secret.reveal()]
    case 'token':
      return [credentials.token.reveal()]
  }
}

/** null when it is none. */
export function jsonIn(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}

/** Who no longer waits leaves; the work goes on for the others. */
export function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error)
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}

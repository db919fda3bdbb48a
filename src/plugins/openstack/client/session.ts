// One identity at one cloud: its token, renewed in time and when the cloud no longer takes it, and the catalog that came
// with it. Everybody in this process with the same credentials shares it.
import { fault, type Fault } from '../../../kernel/fault.ts'
import { Redactor } from '../../../kernel/secret.ts'
import type { World } from '../../../world/world.ts'
import { jsonIn } from '../../http/answer.ts'
import { KeptToken, type Perishable } from '../../http/kept-token.ts'
import type { Wire } from '../../http/wire.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import { grantIn, tokenRequest, type Grant } from './identity.ts'
import type { Call } from './network-faults.ts'
import { badAnswer, refusalFault } from './refusals.ts'

export interface Token extends Perishable {
  readonly value: string
  readonly grant: Grant
}

const signInLimit = 30_000
const margin = 60_000

export class Session {
  readonly settings: ConnectionSettings
  readonly wire: Wire
  readonly world: World
  readonly #closing = new AbortController()
  readonly #tokens: KeptToken<Token>

  constructor(world: World, wire: Wire, settings: ConnectionSettings) {
    this.world = world
    this.wire = wire
    this.settings = settings
    this.#tokens = new KeptToken<Token>(world, { margin, signIn: () => this.#signIn() })
  }

  /** Ends when the session is closed: for work that several wait for. */
  get lifetime(): AbortSignal {
    return this.#closing.signal
  }

  /** @throws Fault `openstack.refused`, or what keeps Keystone from answering */
  async token(signal: AbortSignal): Promise<Token> {
    return this.#tokens.get(signal)
  }

  /** Another one than `old`, which the cloud does not take. */
  async newerThan(old: Token, signal: AbortSignal): Promise<Token> {
    return this.#tokens.newerThan(old, signal)
  }

  /** Takes passwords and tokens out of texts; `more`: what else must not be told. */
  redacted(text: string, more: readonly string[] = []): string {
    const redactor = new Redactor()
    const { credentials } = this.settings
    for (const value of [...secretsOf(credentials), this.#tokens.last?.value ?? '', ...more]) redactor.add(value)
    return redactor.text(text)
  }

  async close(): Promise<void> {
    this.#closing.abort(
      fault('openstack.given_up', { details: { call: 'POST identity /auth/tokens' }, effect: 'none' }),
    )
    await this.wire.close()
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
    return { value, grant, lifetime: grant.lifetime, endsAt: askedAt + grant.lifetime }
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

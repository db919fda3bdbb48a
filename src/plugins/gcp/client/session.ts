// One account at one endpoint: its token, renewed in time and when the cloud no longer takes it. Everybody in this process
// with the same credentials shares it.
import { fault, type Fault } from '../../../kernel/fault.ts'
import { Redactor } from '../../../kernel/secret.ts'
import type { World } from '../../../world/world.ts'
import { jsonIn, type RawAnswer } from '../../http/answer.ts'
import { KeptToken, type Perishable } from '../../http/kept-token.ts'
import { orAborted } from '../../http/shared-work.ts'
import type { Wire } from '../../http/wire.ts'
import { secretsOf } from './account.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import type { Call } from './network-faults.ts'
import { badAnswer, refusalFault } from './refusals.ts'
import { metadataRoot, tokenIn, tokenRequest } from './token.ts'

export interface Token extends Perishable {
  readonly value: string
}

const signInLimit = 30_000
const margin = 120_000

export class Session {
  readonly settings: ConnectionSettings
  readonly wire: Wire
  readonly world: World
  readonly #closing = new AbortController()
  readonly #tokens: KeptToken<Token>
  #projectId: Promise<string> | undefined

  constructor(world: World, wire: Wire, settings: ConnectionSettings) {
    this.world = world
    this.wire = wire
    this.settings = settings
    this.#tokens = new KeptToken<Token>(world, { margin, signIn: () => this.#signIn() })
  }

  /** @throws Fault `gcp.refused`, or what keeps the server from answering */
  async token(signal: AbortSignal): Promise<Token> {
    return this.#tokens.get(signal)
  }

  /** Another one than `old`, which the cloud does not take. */
  async newerThan(old: Token, signal: AbortSignal): Promise<Token> {
    return this.#tokens.newerThan(old, signal)
  }

  /** The settings' own, or else the machine's. @throws Fault `gcp.no_account` */
  async projectId(signal: AbortSignal): Promise<string> {
    const { projectId, account } = this.settings
    if (projectId !== undefined) return projectId
    if (account.kind !== 'metadata') {
      throw fault('gcp.no_account', { details: { reason: 'neither client_config nor its auth names a project' } })
    }
    this.#projectId ??= this.#askProject(account.host)
    this.#projectId.catch(() => {
      this.#projectId = undefined
    })
    return orAborted(this.#projectId, signal)
  }

  /** Takes keys and tokens out of texts; `more`: what else must not be told. */
  redacted(text: string, more: readonly string[] = []): string {
    const redactor = new Redactor()
    for (const value of [...secretsOf(this.settings.account), this.#tokens.last?.value ?? '', ...more])
      redactor.add(value)
    return redactor.text(text)
  }

  async close(): Promise<void> {
    this.#closing.abort(fault('gcp.given_up', { details: { call: 'the request for a token' }, effect: 'none' }))
    await this.wire.close()
  }

  async #signIn(): Promise<Token> {
    const askedAt = this.world.clock.now()
    const { method, url, headers, body } = tokenRequest(this.settings.account, askedAt)
    const call = this.#callTo(method, url)
    const answer = await this.#sent(call, { method, url, headers, body })
    if (answer.status !== 200) {
      const refusal = refusalFault(call, { ...answer, text: this.redacted(answer.text) }, askedAt)
      throw answer.status === 400 || answer.status === 401 ? refused(url, refusal) : refusal
    }
    const found = tokenIn(jsonIn(answer.text))
    if (found === undefined) throw badAnswer(call, 'it holds no token', 'none')
    return { ...found, endsAt: askedAt + found.lifetime }
  }

  async #askProject(host: string): Promise<string> {
    const url = `${metadataRoot(host)}/project/project-id`
    const call = this.#callTo('GET', url)
    const headers = { 'metadata-flavor': 'Google' }
    const { status, text } = await this.#sent(call, { method: 'GET', url, headers, body: undefined })
    if (status === 200 && text.trim() !== '') return text.trim()
    throw badAnswer(call, `status ${status}, and no project`, 'none')
  }

  #callTo(method: string, url: string): Call {
    const { origin, pathname } = new URL(url)
    return { name: `${method} ${pathname}`, isRead: true, origin, requestId: this.world.newId() }
  }

  #sent(
    call: Call,
    request: {
      readonly method: 'GET' | 'POST'
      readonly url: string
      readonly headers: Readonly<Record<string, string>>
      readonly body: string | undefined
    },
  ): Promise<RawAnswer> {
    const { signal } = this.#closing
    return this.wire.send({ call, ...request, signal, deadline: signInLimit, isUrgent: true })
  }
}

function refused(url: string, refusal: Fault): Fault {
  const { message, ...details } = refusal.details
  return fault('gcp.refused', { details: { ...details, url, reason: message ?? 'it gives no reason' } })
}

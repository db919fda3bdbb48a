// Who may come: access tokens for claims that the service account has signed, and for the machine's own account.
import { createVerify, generateKeyPairSync, randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { Refusal, type Answer } from '../http/answer.ts'

const made: { pair?: { readonly publicKey: string; readonly privateKey: string } } = {}

/** One for all tests of a process: it takes a while to make. */
export function accountKeys(): { readonly publicKey: string; readonly privateKey: string } {
  made.pair ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return made.pair
}

export class Tokens {
  /** In seconds, of new ones. */
  life = 3600
  /** Every claim that was taken, decoded. */
  readonly claims: Readonly<Record<string, unknown>>[] = []
  readonly #valid = new Set<string>()
  readonly #email: string
  readonly #projectId: string

  constructor(email: string, projectId: string) {
    this.#email = email
    this.#projectId = projectId
  }

  expire(): void {
    this.#valid.clear()
  }

  /** @throws Refusal 401 */
  check(authorization: string | undefined): void {
    const [, token = ''] = /^Bearer (.+)$/.exec(authorization ?? '') ?? []
    if (!this.#valid.has(token)) throw new Refusal(401, 'authError', 'Invalid Credentials')
  }

  answer(path: string, body: string, headers: IncomingHttpHeaders): Answer {
    if (path !== '/token') return this.#ofMachine(path, headers)
    const form = new URLSearchParams(body)
    const type = form.get('grant_type')
    if (type === 'refresh_token') return this.#fresh(form.get('refresh_token') === 'refresh-me')
    return this.#fresh(this.#isSigned(form.get('assertion') ?? ''))
  }

  #ofMachine(path: string, headers: IncomingHttpHeaders): Answer {
    if (headers['metadata-flavor'] !== 'Google') throw new Refusal(403, 'forbidden', 'Missing Metadata-Flavor')
    if (path.endsWith('/project/project-id')) return { status: 200, body: this.#projectId }
    return this.#fresh(true)
  }

  #fresh(isKnown: boolean): Answer {
    if (!isKnown) return { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } }
    const token = `ya29.${randomUUID()}`
    this.#valid.add(token)
    return { status: 200, body: { access_token: token, expires_in: this.life, token_type: 'Bearer' } }
  }

  #isSigned(assertion: string): boolean {
    const [header = '', body = '', signature = ''] = assertion.split('.')
    const verify = createVerify('RSA-SHA256').update(`${header}.${body}`)
    if (!verify.verify(accountKeys().publicKey, Buffer.from(signature, 'base64url'))) return false
    const claim = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Readonly<Record<string, unknown>>
    this.claims.push(claim)
    return claim['iss'] === this.#email
  }
}

// Asks for an access token: with a signed claim of a service account, a person's refresh token, or at the machine's own server.
import { sign } from 'node:crypto'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Account } from './account.ts'

export interface TokenRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

const scopes = ['https://www.googleapis.com/auth/cloud-platform']
const lifetime = 3600

/** `now`: in ms. */
export function tokenRequest(account: Account, now: number): TokenRequest {
  switch (account.kind) {
    case 'service_account':
      return form(account.tokenUrl, {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: claim(account, now),
      })
    case 'user':
      return form(account.tokenUrl, {
        grant_type: 'refresh_token',
        client_id: account.clientId,
        client_secret: account.clientSecret.reveal(),
        refresh_token: account.refreshToken.reveal(),
      })
    case 'metadata':
      return {
        method: 'GET',
        url: `${metadataRoot(account.host)}/instance/service-accounts/default/token`,
        headers: { 'metadata-flavor': 'Google' },
        body: undefined,
      }
  }
}

export const metadataRoot = (host: string): string => `http://${host}/computeMetadata/v1`

function form(url: string, values: Readonly<Record<string, string>>): TokenRequest {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  return { method: 'POST', url, headers, body: new URLSearchParams(values).toString() }
}

function claim({ email, key, keyId, tokenUrl }: Account & { kind: 'service_account' }, now: number): string {
  const issuedAt = Math.floor(now / 1000)
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) }
  const body = { iss: email, scope: scopes.join(' '), aud: tokenUrl, iat: issuedAt, exp: issuedAt + lifetime }
  const text = [header, body].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key.reveal()).toString('base64url')}`
}

/** undefined: it holds none. */
export function tokenIn(body: Json): { readonly value: string; readonly lifetime: number } | undefined {
  if (!isJsonObject(body)) return undefined
  const { access_token: value, expires_in: seconds } = body
  if (typeof value !== 'string' || value === '') return undefined
  return { value, lifetime: (typeof seconds === 'number' && seconds > 0 ? seconds : lifetime) * 1000 }
}

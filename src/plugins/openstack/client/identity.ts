// Keystone v3: what is asked for a token, and what comes back with it.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { Secret } from '../../../kernel/secret.ts'

/** By id, or by name within a domain. */
export type Named = { readonly id: string } | { readonly name: string; readonly domain: Domain }
export type Domain = { readonly id: string } | { readonly name: string }

export type Credentials =
  | { readonly kind: 'password'; readonly user: Named; readonly password: Secret }
  | { readonly kind: 'application_credential'; readonly id: string; readonly secret: Secret }
  | {
      readonly kind: 'application_credential'
      readonly name: string
      readonly user: Named
      readonly secret: Secret
    }
  | { readonly kind: 'token'; readonly token: Secret }

/** undefined: as the credentials have it. */
export type Scope = { readonly project: Named } | { readonly trustId: string } | undefined

/** The body of `POST /v3/auth/tokens`. Holds secrets. */
export function tokenRequest(credentials: Credentials, scope: Scope): Json {
  return { auth: { identity: identityOf(credentials), ...scopeOf(scope) } }
}

function identityOf(credentials: Credentials): JsonObject {
  switch (credentials.kind) {
    case 'password':
      return {
        methods: ['password'],
        password: { user: { ...credentials.user, password: credentials.password.reveal() } },
      }
    case 'application_credential': {
      const { kind, secret, ...which } = credentials
      return { methods: [kind], application_credential: { ...which, secret: secret.reveal() } }
    }
    case 'token':
      return { methods: ['token'], token: { id: credentials.token.reveal() } }
  }
}

function scopeOf(scope: Scope): JsonObject {
  if (scope === undefined) return {}
  return { scope: 'trustId' in scope ? { 'OS-TRUST:trust': { id: scope.trustId } } : { project: scope.project } }
}

export interface Endpoint {
  readonly interface: string
  readonly region: string
  readonly url: string
}

export interface CatalogService {
  readonly type: string
  readonly endpoints: readonly Endpoint[]
}

/** What Keystone tells with a token. */
export interface Grant {
  readonly projectId: string | null
  readonly userId: string
  /** How long it is good for, in milliseconds; by Keystone's clock alone. */
  readonly lifetime: number
  readonly catalog: readonly CatalogService[]
}

/** undefined: this is no answer of Keystone. */
export function grantIn(body: Json): Grant | undefined {
  const token = isJsonObject(body) ? body['token'] : undefined
  if (token === undefined || !isJsonObject(token)) return undefined
  const { project, user } = token
  const userId = isJsonObject(user ?? null) ? (user as JsonObject)['id'] : undefined
  const projectId = isJsonObject(project ?? null) ? (project as JsonObject)['id'] : null
  const lifetime = Date.parse(String(token['expires_at'])) - Date.parse(String(token['issued_at']))
  if (typeof userId !== 'string') return undefined
  return {
    userId,
    projectId: typeof projectId === 'string' ? projectId : null,
    // Some proxies leave out when it was issued: five minutes are short enough for all.
    lifetime: Number.isFinite(lifetime) && lifetime > 0 ? lifetime : 300_000,
    catalog: objectsIn(token['catalog']).map((service) => ({
      type: textOf(service['type']),
      endpoints: objectsIn(service['endpoints']).map((endpoint) => ({
        interface: textOf(endpoint['interface']),
        region: textOf(endpoint['region_id'] ?? endpoint['region']),
        url: textOf(endpoint['url']),
      })),
    })),
  }
}

function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : []
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

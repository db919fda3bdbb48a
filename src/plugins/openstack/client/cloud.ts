// A cloud as operations see it: one request, pages of a list, what versions it speaks. It never retries by itself.
import type { Duration } from '../../../kernel/duration.ts'
import type { Json } from '../../../kernel/json.ts'
import type { World } from '../../../world/world.ts'
import type { OperationLog } from '../../contract/context.ts'
import type { Method } from '../../http/exchange.ts'
import type { Query } from '../../http/query.ts'
import type { Microversions } from './microversions.ts'

/** `volume` is whatever the catalog calls it: `volumev3`, `block-storage`. */
export const serviceNames = ['identity', 'compute', 'volume', 'image', 'network', 'dns', 'share'] as const
export type ServiceName = (typeof serviceNames)[number]

export interface CloudRequest {
  readonly service: ServiceName
  readonly method: Method
  /** What follows the version in the service's address, ids encoded: `/servers/ID`, `/images`. See `pathOf`. */
  readonly path: string
  readonly query?: Query | undefined
  readonly body?: Json | undefined
  /** Of a body that is no plain JSON, such as Glance's JSON patches. */
  readonly contentType?: string | undefined
  /** Bytes instead of a body, for image files. */
  readonly content?: Uint8Array | AsyncIterable<Uint8Array> | undefined
  /** Exactly this one is sent. A cloud without it: fault `openstack.no_microversion`. */
  readonly microversion?: string | undefined
  /** Default: the cloud's own. */
  readonly signal?: AbortSignal | undefined
  /** How long an answer may take, once it was sent. Default: 60 s. */
  readonly deadline?: Duration | undefined
  /** Goes before all that waits for its turn: what ends a standstill. */
  readonly isUrgent?: boolean | undefined
}

export interface Answer<Body> {
  readonly status: number
  /** null when there is none. */
  readonly body: Body
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly requestId: string | null
}

/** A list request; what it asks for is found in the answer under the name of the collection. */
export type ListRequest = Omit<CloudRequest, 'method' | 'body' | 'content' | 'contentType'>

export interface Cloud {
  /** For messages: address and project, no secrets. */
  readonly name: string
  readonly projectId: string
  readonly userId: string
  /** null: the cloud has but one, and nobody named it. */
  readonly region: string | null
  readonly signal: AbortSignal
  readonly world: World
  readonly log: OperationLog
  /**
   * Sends it once. Refused for an old token alone, it is sent a second time with a new one.
   *
   * @throws Fault `openstack.*`; effect `unknown` when it changes something and nobody knows whether it did
   */
  request<Body = Json>(request: CloudRequest): Promise<Answer<Body>>
  /** The body of a GET; undefined when there is no such thing. */
  find<Body = Json>(request: Omit<CloudRequest, 'method'>): Promise<Body | undefined>
  /** Every item of a list, page after page: `cloud.pages({ service: 'compute', path: '/servers/detail' }, 'servers')`. */
  pages<Item = Json>(request: ListRequest, collection: string): AsyncIterable<Item>
  /** Does the catalog have it? */
  offers(service: ServiceName): boolean
  /** null: the service knows no microversions. Asked once. */
  microversions(service: ServiceName): Promise<Microversions | null>
  supports(service: ServiceName, version: string): Promise<boolean>
  /** The newest that cloud and caller both know, not above `newest`; undefined: they have none in common. */
  bestVersion(service: ServiceName, newest: string): Promise<string | undefined>
  /** The same cloud, for work that ends earlier. */
  until(signal: AbortSignal): Cloud
}

/** Puts ids into a path: `` pathOf`/servers/${id}/action` ``. */
export function pathOf(parts: TemplateStringsArray, ...ids: readonly string[]): string {
  return parts.map((part, index) => part + (index < ids.length ? encodeURIComponent(ids[index] ?? '') : '')).join('')
}

// A project as operations see it: one request, pages of a list, changes that are waited for. It never retries by itself.
import type { Duration } from '../../../kernel/duration.ts'
import type { Json } from '../../../kernel/json.ts'
import type { World } from '../../../world/world.ts'
import type { OperationLog } from '../../contract/context.ts'
import type { Method } from '../../http/exchange.ts'
import type { Query } from '../../http/query.ts'
import type { Operation } from './operations.ts'

export interface ReadRequest {
  /** Below the project, names encoded: `/zones/Z/instances/I`. See `pathOf`. */
  readonly path: string
  readonly query?: Query | undefined
  /** Default: `compute`. */
  readonly service?: 'compute' | 'monitoring' | undefined
  /** Default: the project's own. */
  readonly signal?: AbortSignal | undefined
  /** How long an answer may take, once it was sent. Default: 60 s. */
  readonly deadline?: Duration | undefined
  /** Goes before all that waits for its turn: what ends a standstill. */
  readonly isUrgent?: boolean | undefined
}

export interface ProjectRequest extends ReadRequest {
  readonly method: Method
  readonly body?: Json | undefined
  /** It changes nothing although it is no GET. */
  readonly isRead?: boolean | undefined
  /** Default: `v1`. */
  readonly version?: 'v1' | 'beta' | undefined
  /** A UUID: the same request that comes again is not done again. Default: a new one for each change. */
  readonly requestId?: string | undefined
}

export interface Change extends Omit<ProjectRequest, 'method' | 'isRead' | 'service' | 'deadline'> {
  /** Default: POST. */
  readonly method?: Method | undefined
  /** How long its operation may take. Default: 10 minutes. */
  readonly limit?: Duration | undefined
}

export interface Project {
  /** For messages: the host and the project, no secrets. */
  readonly name: string
  readonly id: string
  /** Of `client_config`. */
  readonly zone: string | undefined
  readonly region: string | undefined
  readonly network: string
  readonly signal: AbortSignal
  readonly world: World
  readonly log: OperationLog
  /**
   * Sends it once. Refused for an old token alone, it is sent a second time with a new one.
   *
   * @throws Fault `gcp.*`; effect `unknown` when it changes something and nobody knows whether it did
   */
  request<Body = Json>(request: ProjectRequest): Promise<Body>
  /** undefined when there is no such thing. */
  find<Body = Json>(request: ReadRequest): Promise<Body | undefined>
  /** Every item of a list, page after page. `items`: what the collection is called in the answer. */
  pages<Item = Json>(request: ReadRequest, items?: string): AsyncIterable<Item>
  /** Begins a change: the operation is under way, or done. */
  begin(change: Change): Promise<Operation>
  /** Begins a change and waits for its end. @throws Fault of what was said of the operation, too */
  change(change: Change): Promise<Operation>
  /** @throws Fault `gcp.operation_late`, or what was said of the operation */
  done(operation: Operation, limit?: Duration): Promise<Operation>
  /** The same project, for work that ends earlier. */
  until(signal: AbortSignal): Project
}

/** Puts names into a path: `` pathOf`/zones/${zone}/instances/${name}` ``. */
export function pathOf(parts: TemplateStringsArray, ...names: readonly string[]): string {
  return parts
    .map((part, index) => part + (index < names.length ? encodeURIComponent(names[index] ?? '') : ''))
    .join('')
}

// What the guard of a domain is told beside its watch.
import type { WatchRequest } from '../../guard/record.ts'

export interface DomainGuardRequest extends WatchRequest {
  readonly uri: string
  readonly domain: { readonly name: string; readonly uuid: string }
}

// Which function of the fake answers which call. `:name` in a path is any one segment.
import { notFound, type Answer, type Service } from './answer.ts'
import type { Call } from './call.ts'

export type Handler = (call: Call) => Answer | Promise<Answer>

export interface Route {
  readonly service: Service
  readonly method: string
  readonly segments: readonly string[]
  readonly isOpen: boolean
  readonly handler: Handler
}

export interface Found {
  readonly route: Route
  readonly params: Record<string, string>
}

export class Routes {
  readonly #routes: Route[] = []

  /** `route`: `GET /servers/:id`. `isOpen`: without a token. */
  add(service: Service, route: string, handler: Handler, { isOpen = false } = {}): void {
    const [method = '', path = ''] = route.split(' ')
    this.#routes.push({ service, method, segments: segmentsOf(path), isOpen, handler })
  }

  /** @throws Refusal 404 */
  find(service: Service, method: string, path: string): Found {
    const segments = segmentsOf(path)
    // What is written out goes before what stands for anything: /servers/detail before /servers/:id.
    let best: { readonly found: Found; readonly places: number } | undefined
    for (const route of this.#routes) {
      if (route.service !== service || route.method !== method) continue
      const params = matched(route.segments, segments)
      const places = params === undefined ? 0 : Object.keys(params).length
      if (params && (best === undefined || places < best.places)) best = { found: { route, params }, places }
    }
    if (best) return best.found
    throw notFound('The resource could not be found.')
  }
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}

function matched(wanted: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const actual = given[index] ?? ''
    if (segment.startsWith(':')) params[segment.slice(1)] = decodeURIComponent(actual)
    else if (segment !== actual) return undefined
  }
  return params
}

// Lists as each service gives them: what the query asks for, in pages, with a link to the next.
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'
import { badRequest, ok, type Answer } from '../http/answer.ts'
import type { Call } from '../http/call.ts'
import { roots } from '../http/front.ts'
import type { State } from '../model/state.ts'

/** Newest first, as Nova, Cinder and Glance have it. */
export function newestFirst<Thing extends { readonly serial: number }>(things: Iterable<Thing>): readonly Thing[] {
  return [...things].toSorted((left, right) => right.serial - left.serial)
}

interface Listing<Thing> {
  readonly collection: string
  id(thing: Thing): string
  show(thing: Thing): Json
}

/** @throws Refusal of a marker that is not in the list */
export function listed<Thing>(
  state: State,
  call: Call,
  things: readonly Thing[],
  { collection, id, show }: Listing<Thing>,
): Answer {
  const marker = call.query.get('marker')
  const limit = Math.min(Number(call.query.get('limit') ?? state.pageSize), state.pageSize)
  const start = marker === null ? 0 : things.findIndex((thing) => id(thing) === marker) + 1
  if (marker !== null && start === 0) throw badRequest(`marker [${marker}] not found`)
  const page = things.slice(start, start + limit)
  const last = page.at(-1)
  const isMore = start + page.length < things.length && last !== undefined
  const body: JsonObject = { [collection]: page.map((thing) => show(thing)) }
  return ok(isMore ? { ...body, ...nextLink(call, collection, id(last)) } : body)
}

function nextLink(call: Call, collection: string, marker: string): JsonObject {
  const query = new URLSearchParams(call.query)
  query.set('marker', marker)
  const path = `${call.path}?${query.toString()}`
  if (call.service === 'image') return { next: `/v2${path}`, first: `/v2${call.path}` }
  const project = call.service === 'volume' ? `/${call.who.project?.id ?? ''}` : ''
  const href = `${call.origin}${roots[call.service]}${project}${path}`
  if (call.service === 'identity') return { links: { next: href, previous: null, self: href } }
  return { [`${collection}_links`]: [{ rel: 'next', href }] }
}

/** Is each value that the query asks for there? Names that pages need are no filters. */
export function isAskedFor(query: URLSearchParams, thing: JsonObject, except: readonly string[] = []): boolean {
  const ours = ['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'fields', 'page_reverse', ...except]
  for (const name of new Set(query.keys())) {
    if (ours.includes(name)) continue
    const wanted = query.getAll(name)
    const actual = thing[name]
    const found = Array.isArray(actual) ? (actual as readonly Json[]) : [actual ?? null]
    const isTags =
      name === 'tags' ? wanted.flatMap((one) => one.split(',')).every((one) => found.includes(one)) : undefined
    if (isTags === false) return false
    if (isTags === undefined && !found.some((one) => wanted.includes(one === null ? '' : pythonText(one)))) return false
  }
  return true
}

/** Filters write booleans as they like. */
function pythonText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** `{'fermata_key': 'x'}`: how Cinder wants metadata asked for. */
export function metadataAsked(text: string | null): Readonly<Record<string, string>> {
  if (text === null) return {}
  const pairs = [...text.matchAll(/["']([^"']*)["']\s*:\s*u?["']([^"']*)["']/g)]
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]))
}

export function hasMetadata(
  metadata: Readonly<Record<string, string>>,
  asked: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(asked).every(([name, value]) => metadata[name] === value)
}

// Lists come in pages, and each service has its own way of telling where the next one is.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { fault } from '../../../kernel/fault.ts'
import type { Answer, CloudRequest, ListRequest } from './cloud.ts'

/** @throws Fault `openstack.bad_answer` when it has no such collection, or goes round in circles */
export async function* pagesOf<Item>(
  request: (request: CloudRequest) => Promise<Answer<Json>>,
  list: ListRequest,
  collection: string,
): AsyncIterable<Item> {
  const seen = new Set<string>()
  const bad = (reason: string): Error =>
    fault('openstack.bad_answer', { details: { call: `GET ${list.service} ${list.path}`, reason }, effect: 'none' })
  for (let query = list.query; ;) {
    const { body } = await request({ ...list, method: 'GET', query })
    const items = isJsonObject(body) ? body[collection] : undefined
    if (!Array.isArray(items)) throw bad(`it has no list '${collection}'`)
    yield* items as readonly Item[]
    const next = nextPage(body as JsonObject, collection)
    if (next === undefined) return
    if (seen.has(next)) throw bad('its pages go round in circles')
    seen.add(next)
    query = queryOf(next)
  }
}

// Only what is asked for changes: links may name another host than the one that we reach the service by.
function nextPage(body: JsonObject, collection: string): string | undefined {
  const links = body[`${collection}_links`]
  const linked = Array.isArray(links)
    ? (links as readonly Json[]).filter(isJsonObject).find(({ rel }) => rel === 'next')?.['href']
    : undefined
  const { links: ofKeystone, next: ofGlance } = body
  const next = linked ?? (isJsonObject(ofKeystone ?? null) ? (ofKeystone as JsonObject)['next'] : undefined) ?? ofGlance
  if (typeof next !== 'string') return undefined
  const [, query] = next.split('?')
  return query === undefined || query === '' ? undefined : query
}

function queryOf(text: string): Record<string, readonly string[]> {
  const query: Record<string, string[]> = {}
  for (const [name, value] of new URLSearchParams(text)) (query[name] ??= []).push(value)
  return query
}

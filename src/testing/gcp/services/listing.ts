// Lists as Compute Engine gives them: filtered by a label or a field, page after page.
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import { invalid, type Answer, type Call } from '../http/answer.ts'

/** `filter`: `labels.a=b`, `name=x`, `sourceDiskId=1`; several are joined with AND. */
export function listed(call: Call, items: readonly JsonObject[], mostOnPage: number): Answer {
  const filter = call.query.get('filter') ?? ''
  const conditions = filter === '' ? [] : filter.split(/ AND /).map(conditionOf)
  const found = items.filter((item) => conditions.every((isFine) => isFine(item)))
  const from = Number(call.query.get('pageToken') ?? '0')
  const size = Math.min(Number(call.query.get('maxResults') ?? '500'), mostOnPage)
  const page = found.slice(from, from + size)
  const next = from + size < found.length ? { nextPageToken: String(from + size) } : {}
  // An empty list has no items at all.
  return { status: 200, body: { kind: 'compute#list', ...(page.length > 0 ? { items: page } : {}), ...next } }
}

function conditionOf(text: string): (item: JsonObject) => boolean {
  const [, path = '', sign = '=', wanted = ''] = /^\(?([\w.-]+) *(!=|=|eq) *"?([^")]*)"?\)?$/.exec(text.trim()) ?? []
  if (path === '') throw invalid(`Invalid value for field 'filter': '${text}'`)
  return (item) => {
    const value = path
      .split('.')
      .reduce<unknown>((at, name) => (isJsonObject(at as never) ? (at as JsonObject)[name] : undefined), item)
    return (String(value) === wanted) !== (sign === '!=')
  }
}

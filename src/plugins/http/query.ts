// What stands behind the question mark of an address.

/** Several values of a name are given as a list; what is undefined is left out. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** With its question mark; empty without any. */
export function queryText(query: Query | undefined): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) => {
    if (value === undefined) return []
    const values = Array.isArray(value) ? (value as readonly string[]) : [String(value)]
    return values.map((one): [string, string] => [name, one])
  })
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

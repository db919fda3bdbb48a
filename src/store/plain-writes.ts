// Writes of whole rows as plain SQL, for what runs in every backup: the query builder takes longer to load than they take.
import type { SqlValue, Write } from './store.ts'
import type { Tables } from './tables.ts'

type Row<Table extends keyof Tables> = Readonly<Partial<Record<keyof Tables[Table], SqlValue>>>

export function insertRow<Table extends keyof Tables>(table: Table, row: Row<Table>): Write {
  const [names, values] = columnsOf(row)
  const places = names.map(() => '?').join(', ')
  return { sql: `insert into ${table} (${names.join(', ')}) values (${places})`, rows: [values] }
}

/** Of the row with that id. */
export function updateRow<Table extends keyof Tables>(table: Table, id: string, change: Row<Table>): Write {
  const [names, values] = columnsOf(change)
  const places = names.map((name) => `${name} = ?`).join(', ')
  return { sql: `update ${table} set ${places} where id = ?`, rows: [[...values, id]] }
}

function columnsOf(row: object): readonly [readonly string[], readonly SqlValue[]] {
  const entries = Object.entries(row) as [string, SqlValue][]
  return [entries.map(([name]) => name), entries.map(([, value]) => value)]
}

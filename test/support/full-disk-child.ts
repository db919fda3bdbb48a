// Fills a small file system with a store on it and says what comes of it. Run by store-survives-a-full-disk.test.ts.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../src/kernel/fault.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Store } from '../../src/store/store.ts'

const folder = process.argv[2] as string
const path = join(folder, 'store.db')
const ballast = join(folder, 'ballast')
let count = 0

const codeOf = (thrown: unknown): string => (thrown instanceof Fault ? thrown.code : `no fault: ${String(thrown)}`)
const fill = (): void => {
  try {
    writeFileSync(ballast, Buffer.alloc(4 << 20))
  } catch {
    // As much as there was room for.
  }
}

/** Commits rows until one is refused; gives its code. */
async function untilRefused(store: Store): Promise<string> {
  for (;;) {
    try {
      await store.commit([
        { sql: 'insert into engines values (?, ?, ?)', rows: [[`n${count + 1}`, 'x'.repeat(10_000), 1]] },
      ])
      count++
    } catch (thrown) {
      return codeOf(thrown)
    }
  }
}

async function isWhole(store: Store): Promise<boolean> {
  const rows = await store.query.selectFrom('engines').select('id').execute()
  return rows.length === count
}

const store = openSqliteStore(path)
fill()
console.log(`full: ${await untilRefused(store)}`)
console.log(`still there: ${await isWhole(store)}`)
rmSync(ballast)
await store.commit([{ sql: 'insert into engines values (?, ?, ?)', rows: [['again', '{}', 1]] }])
count++
console.log(`again: ${(await isWhole(store)) ? 'ok' : 'lost'}`)
store.writeInBackground()
fill()
console.log(`in the background: ${await untilRefused(store)}`)
try {
  openSqliteStore(join(folder, 'another', 'store.db'))
  console.log('opening: went well')
} catch (thrown) {
  console.log(`opening: ${codeOf(thrown)}`)
}
rmSync(ballast)
await store.close()
console.log(`integrity: ${String(openDatabase(path).prepare('pragma integrity_check').get()?.['integrity_check'])}`)

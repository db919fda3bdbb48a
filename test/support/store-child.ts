// A process of its own on a store, for tests that kill it or let two of them meet.
// `commit N FILE PREFIX [background]` commits N rows (0: for ever), and says the number of each once it is acknowledged.
// `open FILE` opens the store and says its schema, or the code of the fault.
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { Fault } from '../../src/kernel/fault.ts'

const [what, ...rest] = process.argv.slice(2)
if (what === 'open') await open(rest[0] as string)
else await commit(Number(rest[0]), rest[1] as string, rest[2] as string, rest[3] === 'background')

async function open(file: string): Promise<void> {
  try {
    const store = openSqliteStore(file)
    console.log(`schema ${store.schemaVersion}`)
    await store.commit([{ sql: 'insert into meta (key, value) values (?, ?)', rows: [] }]).catch(() => {})
    await store.close()
  } catch (thrown) {
    console.log(thrown instanceof Fault ? thrown.code : `no fault: ${String(thrown)}`)
  }
}

async function commit(count: number, file: string, prefix: string, isInBackground: boolean): Promise<void> {
  const store = openSqliteStore(file)
  if (isInBackground) store.writeInBackground()
  const row = (index: number) => [`${prefix}-${index}`, JSON.stringify({ pid: process.pid }), index]
  for (let index = 1; count === 0 || index <= count; index++) {
    await store.commit([{ sql: 'insert into engines (id, process, started_at) values (?, ?, ?)', rows: [row(index)] }])
    process.stdout.write(`${index}\n`)
  }
  await store.close()
}

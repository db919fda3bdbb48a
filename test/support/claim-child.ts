// A process of its own that tries to have executions, for tests that let several meet: `begin N` starts one on each of N
// deployments, `take N` takes over those that are there. Says the numbers of those it won, then waits to be killed.
import { Ownership } from '../../src/engine/ownership.ts'
import { realProcesses } from '../../src/engine/process-identity.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { ExecutionRow } from '../../src/store/tables.ts'
import { realWorld } from '../../src/world/real-world.ts'

const [what, count, file = ''] = process.argv.slice(2)
const world = realWorld()
const store = openSqliteStore(file)
store.writeInBackground()
const ownership = new Ownership(store, world, realProcesses)
await ownership.register()
console.log('ready')
// Everybody begins when all are there.
await new Promise((resolve) => process.stdin.once('data', resolve))
const numbers = Array.from({ length: Number(count) }, (_none, index) => index)
const won: number[] = []
// One after the other: together they would be one transaction, and all had by the first.
for (const number of numbers) if (await (what === 'begin' ? begin(number) : take(number))) won.push(number)
console.log(JSON.stringify(won))
setInterval(() => undefined, 60_000)

function begin(number: number): Promise<boolean> {
  const row: ExecutionRow = {
    id: `${number}-${process.pid}`,
    deployment_id: `d${number}`,
    blueprint_id: 'b',
    workflow: 'backup',
    status: 'started',
    parameters: '{}',
    options: '{}',
    created_at: world.clock.now(),
    ended_at: null,
    error: null,
    result: null,
    engine_id: ownership.engineId,
  }
  return ownership.begin(row)
}

async function take(number: number): Promise<boolean> {
  const [row] = await store.read<ExecutionRow>('select * from executions where deployment_id = ?', [`d${number}`])
  if (!row || (await ownership.isOwnedByLiving(row))) return false
  return ownership.takeOver(row, 'started')
}

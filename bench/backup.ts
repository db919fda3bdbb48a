// Operations per second of a durable backup, beside a bare queue of the same no-ops and beside a loop that only writes the
// same rows; and the same with operations that take 10 ms, beside the ideal.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import PQueue from 'p-queue'
import { openSqliteStore } from '../src/store/sqlite/open.ts'
import type { SqlValue } from '../src/store/store.ts'
import { median, type Row } from './report.ts'
import { benchSite } from './site.ts'

const operationsPerNode = 3
/** Rows of one commit in the loops that only write. */
const batches = [100, 1000] as const

export async function backupBench(options: { readonly nodes: number; readonly rounds: number }): Promise<Row[]> {
  const { nodes, rounds } = options
  const operations = nodes * operationsPerNode
  const engine: number[] = []
  const writers = batches.map((): number[] => [])
  const queue: number[] = []
  await using site = await benchSite(nodes, 0)
  const cold = await timeBackup(site, 8, 'cold')
  for (let round = 0; round < rounds; round++) await timeBackup(site, 8, `warm${round}`)
  for (let round = 0; round < rounds; round++) {
    engine.push(await timeBackup(site, 8, `b${round}`))
    for (const [index, rows] of batches.entries()) writers[index]?.push(await timeWrites(site.home, rows))
    queue.push(await timeQueue(operations))
  }
  const perSecond = (times: readonly number[]): number => operations / (median(times) / 1000)
  return [
    { name: `backup of ${nodes} no-op nodes, durable, all events`, value: perSecond(engine), unit: 'operations/s' },
    { name: 'the first one of a process', value: perSecond([cold]), unit: 'operations/s' },
    ...batches.map((rows, index): Row => {
      const times = writers[index] ?? []
      const ratio = ['backup / loop that writes', median(times) / median(engine)] as const
      return {
        name: `a loop that only writes the same rows, ${rows} a commit`,
        value: perSecond(times),
        unit: 'operations/s',
        ratio,
      }
    }),
    {
      name: 'a bare p-queue of the same no-ops',
      value: perSecond(queue),
      unit: 'operations/s',
      ratio: ['backup / p-queue', median(queue) / median(engine)],
    },
  ]
}

export async function slowBackupBench(options: { readonly nodes: number; readonly rounds: number }): Promise<Row[]> {
  const delay = 10
  const pool = 32
  const operations = options.nodes * operationsPerNode
  // Five phases, each of which ends on its own: the last few operations of a phase cannot fill the pool.
  const phases = [options.nodes / 2, options.nodes / 2, options.nodes, options.nodes / 2, options.nodes / 2]
  const ideal = phases.reduce((sum, count) => sum + Math.ceil(count / pool) * delay, 0)
  await using site = await benchSite(options.nodes, delay)
  const times: number[] = []
  await timeBackup(site, pool, 'warm')
  for (let round = 0; round < options.rounds; round++) times.push(await timeBackup(site, pool, `b${round}`))
  const timers = await timeTimers(phases, delay, pool)
  return [
    {
      name: `backup of ${options.nodes} nodes, 10 ms an operation, pool ${pool}`,
      value: operations / (median(times) / 1000),
      unit: 'operations/s',
    },
    {
      name: 'the ideal',
      value: operations / (ideal / 1000),
      unit: 'operations/s',
      ratio: ['backup / ideal', ideal / median(times)],
    },
    {
      name: 'a bare p-queue of the same timers',
      value: operations / (timers / 1000),
      unit: 'operations/s',
      ratio: ['backup / timers', timers / median(times)],
    },
  ]
}

type Site = Awaited<ReturnType<typeof benchSite>>

async function timeBackup(site: Site, pool: number, name: string): Promise<number> {
  const began = performance.now()
  const execution = await site.fermata.executions.start({
    workflow: 'backup',
    deploymentId: site.deploymentId,
    parameters: { snapshot_name: name },
    taskThreadPoolSize: pool,
  })
  if (execution.status !== 'terminated')
    throw new Error(`the backup ended ${execution.status}: ${execution.error?.message}`)
  return performance.now() - began
}

async function timeQueue(operations: number): Promise<number> {
  const began = performance.now()
  const queue = new PQueue({ concurrency: 8 })
  for (let index = 0; index < operations; index++) void queue.add(async () => {})
  await queue.onIdle()
  return performance.now() - began
}

async function timeTimers(phases: readonly number[], delay: number, pool: number): Promise<number> {
  const began = performance.now()
  for (const count of phases) {
    const queue = new PQueue({ concurrency: pool })
    for (let index = 0; index < count; index++)
      void queue.add(() => new Promise((resolve) => setTimeout(resolve, delay)))
    await queue.onIdle()
  }
  return performance.now() - began
}

/** Writes the rows of the newest execution again, into a store of its own. */
async function timeWrites(home: string, rowsPerCommit: number): Promise<number> {
  const source = new DatabaseSync(join(home, 'fermata.db'), { readOnly: true })
  const newest = source.prepare('select id from executions order by created_at desc limit 1').get()?.['id'] as string
  // Steps and freezes are written twice: when they begin and when they end.
  const tables = ['steps', 'steps', 'freezes', 'freezes', 'events'].map((table) => {
    const rows = source.prepare(`select * from ${table} where execution_id = ?`).all(newest)
    return { table, rows: rows.map((row) => Object.values(row) as SqlValue[]), columns: Object.keys(rows[0] ?? {}) }
  })
  source.close()
  const folder = await mkdtemp(join(tmpdir(), 'fermata-bench-'))
  const store = openSqliteStore(join(folder, 'store.db'))
  const began = performance.now()
  for (const { table, rows, columns } of tables) {
    const sql = `insert or replace into ${table} values (${columns.map(() => '?').join(', ')})`
    for (let at = 0; at < rows.length; at += rowsPerCommit)
      await store.commit([{ sql, rows: rows.slice(at, at + rowsPerCommit) }])
  }
  const time = performance.now() - began
  await store.close()
  await rm(folder, { recursive: true, force: true })
  return time
}

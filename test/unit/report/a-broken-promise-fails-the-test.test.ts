// Whatever a test runs is held against the rules when its site is put away: a run that broke a promise fails the test.
import { expect } from 'chai'
import { join } from 'node:path'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { openCliSite } from '../../support/cli.ts'
import { engineSite } from '../../support/engine-site.ts'
import { backUpAll, freezingProvider, threeTier } from '../../support/freezing-provider.ts'
import { testSite } from '../../support/site.ts'

/** As if no deadman had been armed. */
async function withoutDeadmen(store: Store): Promise<void> {
  const rows = await store.read<{ batch: number; execution_id: string; records: string }>('select * from traces')
  const left = rows.map(({ records, execution_id, batch }) => {
    const moments = JSON.parse(records) as { type: string }[]
    return [JSON.stringify(moments.filter(({ type }) => !type.startsWith('deadman.'))), execution_id, batch]
  })
  await store.commit([{ sql: 'update traces set records = ? where execution_id = ? and batch = ?', rows: left }])
}

async function messageOf(work: PromiseLike<void>): Promise<string> {
  try {
    await work
    return 'nothing was noticed'
  } catch (thrown) {
    return (thrown as Error).message
  }
}

describe('a promise that is broken in a test', () => {
  it('is noticed when a site of the engine is put away', async () => {
    const site = await engineSite()
    await site.start('backup', { snapshot_name: 'one' })
    const store = openSqliteStore(join(site.home, 'fermata.db'))
    await withoutDeadmen(store)
    await store.close()
    const message = await messageOf(site[Symbol.asyncDispose]())
    expect(message).to.match(/^'backup' broke promises\ndeadman-before-freeze: /)
  })

  it('is noticed when a site without an engine is put away', async () => {
    const test = await testSite({ nodes: threeTier, operations: freezingProvider().operations })
    await backUpAll(test)
    await withoutDeadmen(test.store)
    expect(await messageOf(test[Symbol.asyncDispose]())).to.match(/^the run broke promises\ndeadman-before-freeze: /)
  })

  it('is noticed when a site of the command line is closed', async () => {
    const cli = await openCliSite()
    await cli.ok('status')
    const store = openSqliteStore(join(cli.home, 'fermata.db'))
    await store.commit([...rowsOf('lost')])
    await store.close()
    expect(await messageOf(cli.close())).to.contain('every-freeze-is-thawed: db was frozen and not thawed')
  })
})

/** An execution that froze a node, and ended. */
function* rowsOf(id: string) {
  yield {
    sql: "insert into blueprints (id, main_file, digest, plan, created_at) values ('b', 'b.yaml', 'd', '{}', 1)",
    rows: [[]],
  }
  yield {
    sql: `insert into deployments (id, blueprint_id, inputs, prepared, created_at) values ('d', 'b', '{}', '{"instances":[]}', 1)`,
    rows: [[]],
  }
  yield {
    sql: `insert into executions (id, deployment_id, blueprint_id, workflow, status, parameters, options, created_at)
      values (?, 'd', 'b', 'backup', 'failed', '{}', '{}', 1)`,
    rows: [[id]],
  }
  const moments = [
    { type: 'freeze.begun', at: 1, after: 0, instance: 'db', bracket: 'backup#1', token: 't', attempt: 1 },
    { type: 'execution.ended', at: 2, after: 0, status: 'failed' },
  ]
  yield {
    sql: 'insert into traces (execution_id, batch, records) values (?, 1, ?)',
    rows: [[id, JSON.stringify(moments)]],
  }
}

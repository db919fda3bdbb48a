import { expect } from 'chai'
import { join } from 'node:path'
import { durationHistory } from '../../../../src/lifecycle/plan/history.ts'
import { openSqliteStore } from '../../../../src/store/sqlite/open.ts'
import { stepWrite } from '../../../../src/store/statements/journal.ts'
import { write, type Store } from '../../../../src/store/store.ts'
import { temporaryFolder } from '../../../support/folder.ts'

const nodeOf = (id: string): string | undefined => /^(db|web)_\w+$/.exec(id)?.[1]

async function predictions(
  steps: readonly (readonly [execution: number, key: string, length: number, state?: string])[],
  work: (predict: (key: string) => number | null) => void,
): Promise<void> {
  await using folder = await temporaryFolder()
  const store = openSqliteStore(join(folder.path, 'store.db'))
  try {
    await fill(store, steps)
    work(await durationHistory(store, 'shop', nodeOf))
  } finally {
    await store.close()
  }
}

async function fill(store: Store, steps: readonly (readonly [number, string, number, string?])[]): Promise<void> {
  const { query } = store
  const at = { created_at: 0, inputs: '{}', prepared: '{}' }
  const blueprint = { id: 'b', main_file: '', description: null, digest: '', plan: '{}', created_at: 0 }
  await store.commit([
    write(query.insertInto('blueprints').values(blueprint)),
    write(query.insertInto('deployments').values({ id: 'shop', blueprint_id: 'b', ...at })),
  ])
  for (const id of new Set(steps.map(([execution]) => execution))) {
    const row = { workflow: 'backup', status: 'terminated', parameters: '{}', options: '{}' }
    const rest = { created_at: id, ended_at: id, error: null, result: null, engine_id: null }
    const ids = { id: `e${id}`, deployment_id: 'shop', blueprint_id: 'b' }
    await store.commit([write(query.insertInto('executions').values({ ...ids, ...row, ...rest }))])
  }
  const rows = steps.map(([execution, key, length, state = 'done']) => {
    const times = { started_at: execution * 1000, ended_at: execution * 1000 + length }
    return { execution_id: `e${execution}`, key, state, attempt: 1, result: null, fault: null, ...times }
  })
  await store.commit([stepWrite(rows)])
}

describe('predictions', () => {
  it('are the median of the last ten times of the same operation of the same node', async () => {
    const times = Array.from(
      { length: 12 },
      (_, index) => [index + 1, 'op.start/db_1', index < 2 ? 900 : 10 * index] as const,
    )
    await predictions(times, (predict) => {
      expect(predict('op.start/db_2')).to.equal((10 * 6 + 10 * 7) / 2)
      expect(predict('op.stop/db_1')).to.equal(null)
      expect(predict('op.start/web_1')).to.equal(null)
      expect(predict('step/name')).to.equal(null)
    })
  })

  it('know a freeze from any bracket, a cut from its own, whatever the round', async () => {
    const steps = [
      [1, 'backup#1/freeze/db_1', 30],
      [1, 'backup#1/cut/db_1', 40],
      [2, 'backup#3/cut/db_1', 60],
      [2, 'backup#3/settle/db_1', 7],
      [2, 'backup#3/thaw/db_1', 5],
    ] as const
    await predictions(steps, (predict) => {
      expect(predict('restore#1/freeze/db_1')).to.equal(30)
      expect(predict('restore#1/thaw/db_1')).to.equal(5)
      expect(predict('backup#1/cut/db_1')).to.equal(50)
      expect(predict('backup#1/settle/db_1')).to.equal(7)
      expect(predict('restore#1/cut/db_1')).to.equal(null)
    })
  })

  it('know operations of relationships and read-backs by their nodes', async () => {
    const steps = [
      [1, 'rel.establish/web_1->db_1#0/source', 20],
      [1, 'rel.establish/web_2->db_1#0/source', 40],
      [1, 'verify/point-1/db_1', 11],
    ] as const
    await predictions(steps, (predict) => {
      expect(predict('rel.establish/web_3->db_2#0/source')).to.equal(30)
      expect(predict('rel.establish/web_3->db_2#0/target')).to.equal(null)
      expect(predict('verify/point-2/db_1')).to.equal(11)
    })
  })

  it('count only what was done', async () => {
    const steps = [
      [1, 'op.start/db_1', 20],
      [2, 'op.start/db_1', 4000, 'failed'],
      [3, 'op.start/db_1', 4000, 'intent'],
    ] as const
    await predictions(steps, (predict) => expect(predict('op.start/db_1')).to.equal(20))
  })
})

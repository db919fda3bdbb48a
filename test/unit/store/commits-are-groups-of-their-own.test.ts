import { expect } from 'chai'
import { join } from 'node:path'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { GroupCommit, type Apply } from '../../../src/store/sqlite/group-commit.ts'
import type { Outcome } from '../../../src/store/sqlite/group-writer.ts'
import { StoreConflict, write, type Store, type Write } from '../../../src/store/store.ts'
import { fault } from '../../../src/kernel/fault.ts'
import { faultOf } from '../../support/freezing-provider.ts'
import { temporaryFolder } from '../../support/folder.ts'

const put = (id: string, at = 1): Write => ({
  sql: 'insert into engines (id, process, started_at) values (?, ?, ?)',
  rows: [[id, '{}', at]],
})
const set = (id: string, at: number, expected?: number): Write => ({
  sql: 'update engines set started_at = ? where id = ?',
  rows: [[at, id]],
  ...(expected === undefined ? {} : { expect: expected }),
})

async function rows(store: Store): Promise<Record<string, number>> {
  const all = await store.query.selectFrom('engines').selectAll().orderBy('id').execute()
  return Object.fromEntries(all.map((row) => [row.id, row.started_at]))
}

for (const isInBackground of [false, true]) {
  describe(`a store that writes ${isInBackground ? 'in a thread of its own' : 'where it is called'}`, () => {
    async function withStore(test: (store: Store) => Promise<void>): Promise<void> {
      await using folder = await temporaryFolder()
      const store = openSqliteStore(join(folder.path, 'store.db'))
      if (isInBackground) {
        store.writeInBackground()
        // The thread takes over at some later commit; go on until it has had the time.
        for (let index = 0; index < 30; index++) await store.commit([set('nobody', index)])
      }
      try {
        await test(store)
      } finally {
        await store.close()
      }
    }

    it('shows what it acknowledged', () =>
      withStore(async (store) => {
        await store.commit([put('a'), put('b', 2)])
        expect(await rows(store)).to.deep.equal({ a: 1, b: 2 })
      }))

    it('keeps the order of calls', () =>
      withStore(async (store) => {
        const ended: number[] = []
        await Promise.all([
          store.commit([put('a', 0)]),
          ...Array.from({ length: 100 }, (_none, index) =>
            store.commit([set('a', index + 1)]).then(() => ended.push(index)),
          ),
        ])
        expect(await rows(store)).to.deep.equal({ a: 100 })
        expect(ended).to.deep.equal(Array.from({ length: 100 }, (_none, index) => index))
      }))

    it('keeps all of a commit or nothing', () =>
      withStore(async (store) => {
        const problem = await faultOf(store.commit([put('a'), put('b'), put('a')]))
        expect(problem?.code).to.equal('store.failed')
        expect(await rows(store)).to.deep.equal({})
      }))

    it('lets no commit fail for the fault of another that came with it', () =>
      withStore(async (store) => {
        const outcomes = await Promise.allSettled([
          store.commit([put('a')]),
          store.commit([put('b'), { sql: 'insert into nowhere values (?)', rows: [[1]] }]),
          store.commit([put('a')]),
          store.commit([put('c'), set('nobody', 1, 1)]),
          store.commit([put('d')]),
        ])
        expect(outcomes.map(({ status }) => status)).to.deep.equal([
          'fulfilled',
          'rejected',
          'rejected',
          'rejected',
          'fulfilled',
        ])
        expect(await rows(store)).to.deep.equal({ a: 1, d: 1 })
      }))

    it('rejects with StoreConflict, and changes nothing, when a condition does not hold', () =>
      withStore(async (store) => {
        await store.commit([put('a')])
        expect(await faultOf(store.commit([set('a', 2, 2)]))).to.be.instanceOf(StoreConflict)
        expect(await faultOf(store.commit([set('b', 2, 1)]))).to.be.instanceOf(StoreConflict)
        expect(await rows(store)).to.deep.equal({ a: 1 })
        await store.commit([set('a', 2, 1), set('b', 2, 0)])
        expect(await rows(store)).to.deep.equal({ a: 2 })
      }))

    it('lets one of two win who want the same', () =>
      withStore(async (store) => {
        await store.commit([put('a', 0)])
        const claim = (by: number): Promise<void> =>
          store.commit([
            write(
              store.query
                .updateTable('engines')
                .set({ started_at: by })
                .where('id', '=', 'a')
                .where('started_at', '=', 0),
              1,
            ),
          ])
        const outcomes = await Promise.allSettled([claim(1), claim(2), claim(3)])
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1)
        expect(await rows(store)).to.deep.equal({ a: 1 })
      }))

    it('says so of values that no database knows', () =>
      withStore(async (store) => {
        for (const odd of [undefined, {}, Symbol('s'), Number.NaN]) {
          const problem = await faultOf(
            store.commit([{ sql: 'insert into engines values (?, ?, ?)', rows: [['x', odd as never, 1]] }]),
          )
          expect(problem, String(odd)).to.be.instanceOf(Error)
        }
        await store.commit([put('still well')])
      }))

    it('takes a commit of nothing, and one of many rows', () =>
      withStore(async (store) => {
        await store.commit([])
        const many = Array.from({ length: 2000 }, (_none, index) => [`n${index}`, '{}', index])
        await Promise.all([store.commit([{ ...put('x'), rows: many }]), store.commit([put('after')])])
        expect(Object.keys(await rows(store))).to.have.length(2001)
      }))

    it('finishes before it closes, and refuses afterwards instead of waiting for ever', async () => {
      await using folder = await temporaryFolder()
      const path = join(folder.path, 'store.db')
      const store = openSqliteStore(path)
      if (isInBackground) store.writeInBackground()
      const commits = Array.from({ length: 50 }, (_none, index) => store.commit([put(`n${index}`)]))
      await store.close()
      await Promise.all(commits)
      expect((await faultOf(store.commit([put('late')])))?.code).to.equal('store.failed')
      await store.close()
      const again = openSqliteStore(path)
      expect(Object.keys(await rows(again))).to.have.length(50)
      await again.close()
    })
  })
}

describe('a group commit', () => {
  const toFault = (_code: number, reason: string) => fault('store.failed', { details: { reason } })

  it('puts what waits meanwhile into one group, and has two groups under way at most', async () => {
    const sizes: number[] = []
    const release: (() => void)[] = []
    const apply: Apply = (groups) =>
      new Promise((resolve) => {
        sizes.push(groups.length)
        release.push(() => resolve(groups.map((): Outcome => ({ ok: true }))))
      })
    const groups = new GroupCommit(apply, toFault)
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    const all: Promise<void>[] = []
    for (const count of [1, 3, 5, 7]) {
      for (let index = 0; index < count; index++) all.push(groups.commit([put('x')]))
      await turn()
    }
    expect(sizes).to.deep.equal([1, 3])
    release.shift()?.()
    await turn()
    expect(sizes).to.deep.equal([1, 3, 12])
    while (release.length > 0) release.shift()?.()
    await Promise.all([...all, groups.idle()])
  })

  it('rejects all of a group whose writer is gone, and goes on with the next', async () => {
    let isGone = true
    const groups = new GroupCommit(async (all) => {
      if (isGone) throw fault('store.failed', { details: { reason: 'gone' } })
      return all.map(() => ({ ok: true }))
    }, toFault)
    const outcomes = await Promise.allSettled([groups.commit([put('a')]), groups.commit([put('b')])])
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    isGone = false
    await groups.commit([put('c')])
    await groups.idle()
  })

  it('takes no answer for a refusal', async () => {
    const groups = new GroupCommit(async () => [], toFault)
    expect((await faultOf(groups.commit([put('a')])))?.code).to.equal('store.failed')
  })
})

// Claim: a store that is lost in the middle of a bracket, whenever that is, keeps nothing frozen.
import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import { backUpAll, faultOf, freezingProvider, threeTier } from '../../support/freezing-provider.ts'
import { testSite } from '../../support/site.ts'

const full = (): Error => fault('store.full', { details: { home: '/home' } })

/** Runs a bracket whose commits fail from the k-th on, or only the k-th. */
async function bracketLosing(doesFail: (count: number) => boolean) {
  const provider = freezingProvider()
  let count = 0
  const test = await testSite({
    nodes: threeTier,
    operations: provider.operations,
    async commit(writes, store) {
      if (doesFail(++count)) throw full()
      await store.commit(writes)
    },
  })
  await using _ = test
  const problem = await faultOf(backUpAll(test))
  const outside = provider.outside()
  const freezes = await test.store.query.selectFrom('freezes').selectAll().execute()
  return { provider, problem, outside, commits: count, freezes, test }
}

describe('a bracket that loses its store', () => {
  let commits = 0

  before(async () => {
    ;({ commits } = await bracketLosing(() => false))
    expect(commits).to.be.above(10)
  })

  it('thaws everything it froze and disarms every deadman, from whichever commit on the store is gone', async () => {
    for (let first = 1; first <= commits; first++) {
      const { provider, problem, outside } = await bracketLosing((count) => count >= first)
      expect(problem?.message, `from commit ${first}`).to.contain('no space is left')
      expect(outside.frozen, `from commit ${first}`).to.deep.equal([])
      expect(outside.armed, `from commit ${first}`).to.deep.equal({})
      expect(provider.breaches, `from commit ${first}`).to.deep.equal([])
    }
  })

  it('freezes nothing whose intent is not on disk', async () => {
    const { provider } = await bracketLosing(() => true)
    expect(provider.log.filter((line) => /^(freeze|arm|cut)/.test(line))).to.deep.equal([])
  })

  it('records every thaw once the store is back, whichever single commit failed', async () => {
    for (let failing = 1; failing <= commits; failing++) {
      const { outside, freezes } = await bracketLosing((count) => count === failing)
      expect(outside.frozen, `commit ${failing}`).to.deep.equal([])
      expect(
        freezes.filter((row) => row.thawed_at === null),
        `commit ${failing}`,
      ).to.deep.equal([])
    }
  })
})

import { expect } from 'chai'
import { Coverage } from '../../src/engine/simulation/coverage.ts'
import { runSeeds, type SeedsResult } from '../../src/engine/simulation/run-seeds.ts'
import { runPlan } from '../../src/engine/simulation/seeds.ts'
import { foundBefore } from './found-before.ts'

/** `npm run sim` runs ten thousand. */
const count = 500

describe('simulated executions', () => {
  let result: SeedsResult

  before(async function () {
    this.timeout(60_000)
    result = await runSeeds({ from: 1, count, repeatEvery: 50 })
  })

  it(`keep every promise over ${count} seeds`, () => {
    const told = result.failed.map(
      ({ seed, violations, smallest }) =>
        `npm run sim -- --seed ${seed}: ${violations[0]?.promise}: ${violations[0]?.message} ${JSON.stringify(smallest)}`,
    )
    expect(told).to.deep.equal([])
  })

  it('crash, fail, are cancelled and end well, each of them often', () => {
    expect(result.ends['terminated']).to.be.above(count / 2)
    expect(result.ends['failed']).to.be.above(10)
    expect(result.ends['cancelled']).to.be.above(10)
    expect(result.crashes).to.be.above(30)
  })

  it('visit every corner of workflow, fault and phase', () => {
    const coverage = new Coverage()
    for (const [name, times] of Object.entries(result.cells)) coverage.addNamed(name, times)
    // Two rounds of the corners: where a fault's place is drawn too far out, it does not happen.
    expect(coverage.empty.length / coverage.counts.size).to.be.below(0.2)
  })

  it('leave the same event log to the byte when a seed is run again', () => {
    expect(result.repeated).to.equal(count / 50)
  })

  for (const { what, plan } of foundBefore) {
    it(`still hold where once ${what}`, async () => {
      expect((await runPlan(plan)).violations).to.deep.equal([])
    })
  }
})

import { expect } from 'chai'
import { simulate } from '../../src/engine/simulation/simulate.ts'
import { builtInTopology } from '../../src/engine/simulation/topology.ts'

/** What the guests themselves take, three tiers of them, comes on top. */
const limit = 1000

describe('a simulated backup that is cancelled while nodes are frozen', () => {
  it('has thawed all of them within a second, wherever the cancel comes', async function () {
    this.timeout(60_000)
    const topology = builtInTopology('three-tier')
    let [cancelled, longest] = [0, 0]
    for (const phase of ['freeze', 'cut'] as const) {
      for (let step = 1; step <= 30; step++) {
        const faults = [{ kind: 'cancel', at: { phase, step } }] as const
        const { strikes, frozen, violations } = await simulate({ seed: step, topology, workflow: 'backup', faults })
        const at = strikes[0]?.passage.at
        expect(violations).to.deep.equal([])
        if (at === undefined) continue
        cancelled++
        // Resumed by hand later, it freezes again: those do not count.
        const until = frozen
          .filter(({ from, to }) => from <= at && (to ?? Infinity) > at)
          .map(({ to }) => (to ?? Infinity) - at)
        longest = Math.max(longest, ...until)
      }
    }
    expect(cancelled).to.be.above(50)
    expect(longest).to.be.within(1, limit)
  })
})

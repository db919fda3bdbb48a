import { expect } from 'chai'
import { undisturbedEnd } from '../../src/engine/simulation/seeds.ts'
import { simulate } from '../../src/engine/simulation/simulate.ts'
import { builtInTopology } from '../../src/engine/simulation/topology.ts'

describe('a simulated backup', () => {
  const topology = builtInTopology('single')
  const workflow = 'backup'

  it('passes the same places each time, up to the place where it is killed', async () => {
    const { passages, log } = await simulate({ seed: 7, topology, workflow })
    const again = await simulate({ seed: 7, topology, workflow })
    expect(again.passages).to.deep.equal(passages)
    expect(again.log).to.equal(log)
    expect((await simulate({ seed: 8, topology, workflow })).log).to.not.equal(log)
    const faults = [{ kind: 'crash', at: { life: 1, index: 60 }, length: 50 }] as const
    const killed = await simulate({ seed: 7, topology, workflow, faults })
    expect(killed.lives).to.equal(2)
    expect(killed.passages.filter(({ life }) => life === 1)).to.deep.equal(passages.slice(0, 60))
  })

  it('ends like an undisturbed one wherever it is killed, soon or long before the next engine', async function () {
    this.timeout(60_000)
    const undisturbed = await undisturbedEnd({ topology, workflow })
    const { passages } = await simulate({ seed: 7, topology, workflow })
    expect(passages.length).to.be.above(60)
    for (const { index } of passages) {
      for (const length of [50, 9000]) {
        const faults = [{ kind: 'crash', at: { life: 1, index }, length }] as const
        const { status, lives, violations } = await simulate({ seed: 7, topology, workflow, faults, undisturbed })
        expect({ index, status, lives, violations }).to.deep.equal({
          index,
          status: 'terminated',
          lives: 2,
          violations: [],
        })
      }
    }
  })

  it('fails with everything thawed when the engine is stopped until the lease is over', async () => {
    const faults = [{ kind: 'pause', at: { point: 'bracket.frozen', ordinal: 1 }, length: 20_000 }] as const
    const { status, error, violations, longestFreeze } = await simulate({
      seed: 7,
      topology,
      workflow,
      faults,
      lease: 3000,
    })
    expect([status, violations]).to.deep.equal(['failed', []])
    expect(error).to.include('freeze.expired')
    // The deadman of the guest needs nobody.
    expect(longestFreeze).to.be.within(2500, 3000)
  })
})

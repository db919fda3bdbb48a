// Claim: a cancel thaws at once, also when a cut does not listen, and takes back what was half made only after that. With
// the time between two looks for a cancel it stays below a second.
import { expect } from 'chai'
import type { TraceRecord } from '../../../src/kernel/trace.ts'
import { simulatedWorld } from '../../../src/world/simulated-world.ts'
import { backUpAll, faultOf, freezingProvider, threeTier } from '../../support/freezing-provider.ts'
import { testSite } from '../../support/site.ts'

/** What is left of the second when the request was seen as late as it can be. */
const left = 900

describe('a cancel', () => {
  for (const [how, listens] of [
    ['that the cut heeds', true],
    ['that the cut does not heed', false],
  ] as const) {
    it(`${how} thaws everybody in time, then takes back what was cut`, async () => {
      const world = simulatedWorld(11)
      const cancel = new AbortController()
      const cutting = Promise.withResolvers<void>()
      const provider = freezingProvider({
        hooks: {
          'cut web': (ctx) => {
            cutting.resolve()
            return new Promise((_resolve, reject) => {
              if (listens) ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error))
            })
          },
        },
      })
      await using test = await testSite({
        nodes: threeTier,
        operations: provider.operations,
        world,
        signal: cancel.signal,
      })
      let isOver = false
      const ended = faultOf(backUpAll(test)).finally(() => (isOver = true))
      await cutting.promise
      const asked = world.clock.now()
      cancel.abort()
      while (!isOver) await world.advance(10)
      expect((await ended)?.code).to.equal('engine.cancelled')
      expect(provider.outside().frozen).to.deep.equal([])
      expect(provider.outside().snapshots).to.deep.equal([])

      const rows = await test.store.read<{ records: string }>('select records from traces order by batch')
      const traces = rows.flatMap(({ records }) => JSON.parse(records) as TraceRecord[])
      const thaws = traces.filter(({ type }) => type === 'thaw.done')
      expect(thaws.map(({ instance }) => instance)).to.deep.equal(['vm', 'db', 'web'])
      expect(Math.max(...thaws.map(({ at }) => at)) - asked).to.be.at.most(left)
      const lastThaw = traces.findLastIndex(({ type }) => type === 'thaw.done')
      const firstUndo = traces.findIndex(({ type }) => type === 'undo.begun')
      expect(firstUndo).to.be.above(lastThaw)
    })
  }
})

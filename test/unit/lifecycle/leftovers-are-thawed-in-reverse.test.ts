// Claim: what is left frozen is thawed in the exact reverse of the order in which it was frozen, as far as the ledger
// tells; what was frozen at the same time is thawed at the same time.
import { expect } from 'chai'
import type { LedgerEntry } from '../../../src/lifecycle/ledger.ts'
import { thawPlan } from '../../../src/lifecycle/thaw-leftovers.ts'
import { walk } from '../../../src/lifecycle/walk.ts'
import { simulatedWorld } from '../../../src/world/simulated-world.ts'

const entry = (instanceId: string, begun: number, seen: number | null): LedgerEntry => ({
  instanceId,
  bracket: 'backup#1',
  token: instanceId,
  // A clock that was set back tells nothing of the order.
  frozenAt: 1000 - begun,
  until: 2000 - begun,
  deadman: null,
  inputs: {},
  thawedAt: null,
  expired: false,
  nodeId: instanceId,
  deploymentId: 'd',
  kind: 'none',
  seenFrozenAt: seen === null ? null : 1000 - seen,
  begun,
  seen,
})

/** Who waits for whom, as `later<earlier`. */
function waits(entries: readonly LedgerEntry[], ranks: Readonly<Record<string, number>> = {}): string[] {
  const plan = thawPlan(entries, ({ instanceId }) => ranks[instanceId] ?? 0)
  return [...plan.releases].flatMap(([first, later]) => later.map((id) => `${id}<${first}`)).toSorted()
}

describe('leftovers', () => {
  it('wait for those who were frozen after them, and for nobody else', () => {
    expect(waits([entry('web', 0, 10), entry('db', 12, 20), entry('vm', 20, 30)])).to.deep.equal([
      'db<vm',
      'web<db',
      'web<vm',
    ])
    expect(waits([entry('left', 0, 10), entry('right', 5, 12)])).to.deep.equal([])
  })

  it('that never stood still wait for nobody', () => {
    expect(waits([entry('web', 0, 10), entry('db', 12, null)])).to.deep.equal(['web<db'])
  })

  it('of one place go by their rank', () => {
    const same = [entry('web', 5, 5), entry('vm', 5, 5), entry('db', 5, 5)]
    expect(waits(same, { vm: 0, db: 1, web: 2 })).to.deep.equal(['db<vm', 'web<db', 'web<vm'])
  })

  it('never wait in a circle, whatever the ledger holds', async () => {
    const world = simulatedWorld(7)
    const draw = (limit: number): number => Number.parseInt(world.randomText(4, '0123456789abcdef'), 16) % limit
    for (let run = 0; run < 300; run++) {
      const entries = Array.from({ length: 1 + draw(8) }, (_, index) => {
        const from = draw(6)
        // Whatever stands there: an end may come before its begin.
        return entry(`n${index}`, from, draw(4) === 0 ? null : from - 1 + draw(5))
      })
      const seen: string[] = []
      await walk(
        thawPlan(entries, () => draw(3)),
        async (id) => void seen.push(id),
        { window: 8 },
      )
      expect(seen.toSorted()).to.deep.equal(entries.map(({ instanceId }) => instanceId).toSorted())
      for (const one of entries)
        for (const other of entries) {
          if (one.seen === null || one.seen < one.begun) continue
          if (one.seen < other.begun) expect(seen.indexOf(other.instanceId)).to.be.below(seen.indexOf(one.instanceId))
        }
    }
  })
})

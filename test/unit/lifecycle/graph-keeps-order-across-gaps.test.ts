import { expect } from 'chai'
import { planWalk, type GraphMember, type WalkPlan } from '../../../src/lifecycle/graph.ts'
import type { Order } from '../../../src/plugins/contract/workflow.ts'
import { faultOf } from '../../support/freezing-provider.ts'

const member = (id: string, ...targets: string[]): GraphMember => ({
  id,
  relationships: targets.map((targetId) => ({ targetId })),
})

/** The order in which instances would be visited one at a time. */
function visited(plan: WalkPlan): string[] {
  const left = new Map(plan.waitsFor)
  const order = [...left].filter(([, count]) => count === 0).map(([id]) => id)
  for (let at = 0; at < order.length; at++) {
    for (const next of plan.releases.get(order[at] as string) ?? []) {
      left.set(next, (left.get(next) ?? 0) - 1)
      if (left.get(next) === 0) order.push(next)
    }
  }
  return order
}

function planned(all: readonly GraphMember[], chosen: readonly string[], order: Order): string[] {
  return visited(
    planWalk(
      all,
      all.filter(({ id }) => chosen.includes(id)),
      order,
    ),
  )
}

describe('the graph', () => {
  const chain = [member('a', 'b'), member('b', 'c'), member('c')]

  it('visits a chain from either end', () => {
    expect(planned(chain, ['a', 'b', 'c'], 'dependencies-first')).to.deep.equal(['c', 'b', 'a'])
    expect(planned(chain, ['a', 'b', 'c'], 'dependents-first')).to.deep.equal(['a', 'b', 'c'])
  })

  it('keeps the order of two whose link was left out', () => {
    expect(planned(chain, ['a', 'c'], 'dependencies-first')).to.deep.equal(['c', 'a'])
    expect(planned(chain, ['a', 'c'], 'dependents-first')).to.deep.equal(['a', 'c'])
  })

  it('waits in a diamond for both sides, and lets the sides go together', () => {
    const diamond = [member('top', 'left', 'right'), member('left', 'base'), member('right', 'base'), member('base')]
    const plan = planWalk(diamond, diamond, 'dependencies-first')
    expect([...plan.waitsFor]).to.have.deep.members([
      ['top', 2],
      ['left', 1],
      ['right', 1],
      ['base', 0],
    ])
    expect(planned(diamond, ['top', 'base'], 'dependencies-first')).to.deep.equal(['base', 'top'])
  })

  it('counts two relationships to one target as one', () => {
    const twice = [member('a', 'b', 'b'), member('b')]
    expect(planWalk(twice, twice, 'dependencies-first').waitsFor.get('a')).to.equal(1)
  })

  it('knows no order where none is asked for', () => {
    expect([...planWalk(chain, chain, 'none').waitsFor.values()]).to.deep.equal([0, 0, 0])
  })

  it('leaves targets alone that are no instances of the deployment', () => {
    const one = [member('a', 'elsewhere')]
    expect(planned(one, ['a'], 'dependents-first')).to.deep.equal(['a'])
  })

  it('orders a chain of 10,000, whole and by its ends', () => {
    const long = Array.from({ length: 10_000 }, (_none, index) =>
      member(`n${index}`, ...(index < 9999 ? [`n${index + 1}`] : [])),
    )
    expect(visited(planWalk(long, long, 'dependencies-first')).slice(0, 2)).to.deep.equal(['n9999', 'n9998'])
    expect(planned(long, ['n0', 'n9999'], 'dependencies-first')).to.deep.equal(['n9999', 'n0'])
  })

  it('names a circle by its path, without what merely leads to it', async () => {
    const round = [member('entry', 'a'), member('a', 'b'), member('b', 'c'), member('c', 'a'), member('free')]
    const problem = await faultOf(Promise.resolve().then(() => planWalk(round, round, 'dependencies-first')))
    expect(problem?.code).to.equal('plan.cycle')
    expect(problem?.message).to.match(/: (a -> b -> c -> a|b -> c -> a -> b|c -> a -> b -> c)$/)
  })

  it('takes one that depends on itself for a circle', async () => {
    const self = [member('a', 'a')]
    const problem = await faultOf(Promise.resolve().then(() => planWalk(self, self, 'dependents-first')))
    expect(problem?.message).to.contain('a -> a')
  })
})

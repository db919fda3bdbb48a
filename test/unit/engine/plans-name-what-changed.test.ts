import { expect } from 'chai'
import { changesSince } from '../../../src/engine/plan-basis.ts'
import type { PlanBasis } from '../../../src/lifecycle/plan/execution-plan.ts'

const basis: PlanBasis = {
  fermata: '1.0.0',
  blueprint: 'b1',
  inputs: 'i1',
  instances: { db_1: 'db', web_1: 'web' },
  states: { db_1: 'started' },
  plugins: { local: 'not uploaded', clouds: 'clouds 1.0 abc' },
  recoveryPoints: { p1: 'd1' },
}

describe('a plan names what changed', () => {
  it('and nothing when nothing did', () => {
    expect(changesSince(basis, structuredClone(basis))).to.deep.equal([])
  })

  const changes: readonly (readonly [Partial<PlanBasis>, readonly string[]])[] = [
    [{ fermata: '1.1.0' }, ['fermata (it was 1.0.0, it is 1.1.0)']],
    [{ blueprint: 'b2' }, ['the blueprint']],
    [{ inputs: 'i2' }, ["the deployment's inputs"]],
    [{ instances: { db_1: 'db', web_2: 'web' } }, ['node instance web_1 (gone)', 'node instance web_2 (new)']],
    [{ states: { db_1: 'stopped' } }, ['the state of db_1']],
    [{ plugins: { local: 'not uploaded', clouds: 'clouds 1.0 def' } }, ['plugin clouds']],
    [{ recoveryPoints: { p1: 'd2' } }, ['recovery point p1']],
    [{ recoveryPoints: {} }, ['recovery point p1 (gone)']],
  ]
  for (const [change, told] of changes) {
    it(`: ${told.join(', ')}`, () => expect(changesSince(basis, { ...basis, ...change })).to.deep.equal(told))
  }
})

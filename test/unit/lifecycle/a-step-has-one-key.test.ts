import { expect } from 'chai'
import { asFault } from '../../../src/kernel/fault.ts'
import { operation } from '../../../src/plugins/contract/operation.ts'
import { testSite } from '../../support/site.ts'

const nodes = [{ id: 'vm', operations: { 'example.work': 'work' } }]

describe('the key of a step', () => {
  it('belongs to one step of a run: a second one is refused instead of given the first one’s result', async () => {
    await using test = await testSite({ nodes, operations: {} })
    expect(await test.run.step('a', async () => 1)).to.equal(1)
    const problem = asFault(await test.run.step('a', async () => 2).catch((thrown: unknown) => thrown))
    expect(problem.code).to.equal('plan.step_repeated')
  })

  it('may be used again after a failure', async () => {
    await using test = await testSite({ nodes, operations: {} })
    const fail = async (): Promise<number> => {
      throw new Error('not this time')
    }
    expect(await test.run.step('a', fail).catch(() => 'failed')).to.equal('failed')
    expect(await test.run.step('a', async () => 2)).to.equal(2)
  })

  it('keeps operations apart by their phase', async () => {
    let count = 0
    const operations = { work: operation({ run: async () => ++count }) }
    await using test = await testSite({ nodes, operations })
    const [member] = test.run.members
    if (!member) throw new Error('no member')
    expect(await test.run.execute(member, 'example.work')).to.equal(1)
    expect(await test.run.execute(member, 'example.work', { phase: 'again' })).to.equal(2)
    const repeated = await test.run.execute(member, 'example.work').catch((thrown: unknown) => thrown)
    expect(asFault(repeated).code).to.equal('plan.step_repeated')
  })
})

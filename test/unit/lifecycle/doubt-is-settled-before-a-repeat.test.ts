// Claim: an operation whose outcome is unknown is looked up before it is run again; one that must not be repeated and
// cannot be looked up stops for a person, and stays in doubt until they have spoken.
import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import { operation, type RunOperation } from '../../../src/plugins/contract/operation.ts'
import { faultOf } from '../../support/freezing-provider.ts'
import { testSite, type TestSite } from '../../support/site.ts'

interface Outside {
  readonly log: string[]
  readonly made: Set<string>
  /** What goes wrong on each call, in turn. */
  readonly troubles: ('lost answer' | 'not reached' | 'none')[]
}

function makes(outside: Outside, how: { readonly repeat?: 'unsafe'; readonly looksUp?: boolean }): RunOperation {
  return operation({
    ...(how.repeat ? { repeat: how.repeat } : {}),
    ...(how.looksUp
      ? {
          async lookUp(ctx) {
            outside.log.push('look up')
            return outside.made.has(ctx.operation.key) ? 'found' : undefined
          },
        }
      : {}),
    async run(ctx) {
      outside.log.push('run')
      const trouble = outside.troubles.shift() ?? 'none'
      if (trouble === 'not reached') throw fault('operation.failed', { details: { message: 'no route' } })
      outside.made.add(ctx.operation.key)
      if (trouble === 'lost answer')
        throw fault('operation.failed', { details: { message: 'no answer' }, effect: 'unknown' })
      return 'made'
    },
  })
}

const site = (made: RunOperation, retries = 0): Promise<TestSite> =>
  testSite({
    nodes: [{ id: 'a', operations: { 'x.make': 'make' } }],
    operations: { make: made },
    retries: { retries, interval: 0 },
  })

const make = (test: TestSite): Promise<unknown> => {
  const [member] = test.run.members
  if (!member) throw new Error('the site has no member')
  return test.run.execute(member, 'x.make')
}

describe('an operation in doubt', () => {
  it('that may be repeated is run again', async () => {
    const outside: Outside = { log: [], made: new Set(), troubles: ['lost answer'] }
    await using test = await site(makes(outside, {}), 1)
    expect(await make(test)).to.equal('made')
    expect(outside.log).to.deep.equal(['run', 'run'])
  })

  it('is looked up, and found, within the run and after a resume', async () => {
    for (const retries of [0, 1]) {
      const outside: Outside = { log: [], made: new Set(), troubles: ['lost answer'] }
      await using test = await site(makes(outside, { repeat: 'unsafe', looksUp: true }), retries)
      const first = await faultOf(make(test))
      if (retries === 0) {
        expect(first?.message).to.equal('no answer')
        await using again = await test.again()
        expect(await make(again)).to.equal('found')
      }
      expect(outside.log).to.deep.equal(['run', 'look up'])
      expect(outside.made.size).to.equal(1)
    }
  })

  it('is run again when it is looked up and was not there', async () => {
    const outside: Outside = { log: [], made: new Set(), troubles: ['lost answer'] }
    await using test = await site(makes(outside, { looksUp: true }))
    await faultOf(make(test))
    outside.made.clear()
    await using again = await test.again()
    expect(await make(again)).to.equal('made')
    expect(outside.log).to.deep.equal(['run', 'look up', 'run'])
  })

  it('that must not be repeated stops for a person, each time it is resumed', async () => {
    const outside: Outside = { log: [], made: new Set(), troubles: ['lost answer'] }
    await using test = await site(makes(outside, { repeat: 'unsafe' }), 5)
    const problem = await faultOf(make(test))
    expect(problem).to.include({ code: 'operation.in_doubt', effect: 'unknown', retry: 'never' })
    expect(problem).to.have.property('hint').that.contains('--assume')
    await using again = await test.again()
    expect((await faultOf(make(again)))?.code).to.equal('operation.in_doubt')
    expect(outside.log).to.deep.equal(['run'])
  })

  it('that is tried for the first time, or failed without an effect, is in no doubt', async () => {
    const outside: Outside = { log: [], made: new Set(), troubles: ['not reached'] }
    await using test = await site(makes(outside, { repeat: 'unsafe' }), 1)
    expect(await make(test)).to.equal('made')
    expect(outside.log).to.deep.equal(['run', 'run'])
  })

  it('stays so when a later attempt did not get as far', async () => {
    const outside: Outside = { log: [], made: new Set(), troubles: ['lost answer', 'not reached'] }
    await using test = await site(makes(outside, {}), 1)
    expect((await faultOf(make(test)))?.message).to.equal('no route')
    const unsafe = makes(outside, { repeat: 'unsafe' })
    await using again = await test.again({ operations: { make: unsafe } })
    expect((await faultOf(make(again)))?.code).to.equal('operation.in_doubt')
  })
})

import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import { fsFinalize, fsPrepare, snapshotCreate, snapshotDelete } from '../../../src/lifecycle/operations.ts'
import {
  cutOperation,
  freezeOperation,
  operation,
  thawOperation,
  type PluginOperation,
} from '../../../src/plugins/contract/operation.ts'
import type { Deadman } from '../../../src/plugins/contract/deadman.ts'
import { freezeTiers } from '../../../src/workflows/tiers.ts'
import { testSite, type NodeSketch, type SiteOptions, type TestSite } from '../../support/site.ts'

const calls = { [fsPrepare]: 'freeze', [fsFinalize]: 'thaw', [snapshotCreate]: 'cut', [snapshotDelete]: 'undo' }
const nodes: NodeSketch[] = [
  { id: 'vm', isCompute: true, operations: calls },
  { id: 'db', dependsOn: ['vm'], operations: calls },
  { id: 'web', dependsOn: ['db'], operations: calls },
]

/** Operations that write down what happens, and fail where they are told to. */
function recorded(failing: Readonly<Record<string, () => never>> = {}): {
  readonly log: string[]
  readonly operations: Record<string, PluginOperation>
} {
  const log: string[] = []
  const note = (what: string) => async (ctx: { readonly instance: { readonly id: string } }) => {
    const line = `${what} ${ctx.instance.id}`
    log.push(line)
    failing[line]?.()
  }
  const deadman: Deadman = {
    kind: 'host',
    async arm(ctx, request) {
      log.push(`arm ${ctx.instance.id}`)
      return { token: request.token }
    },
    async disarm(ctx) {
      log.push(`disarm ${ctx.instance.id}`)
      return { firedAt: null }
    },
  }
  const operations = {
    freeze: freezeOperation({ deadman, freeze: note('freeze') }),
    thaw: thawOperation({ thaw: note('thaw') }),
    cut: cutOperation({
      async cut(ctx) {
        await note('cut')(ctx)
        return { kind: 'test', providerId: ctx.instance.id }
      },
      async settle(ctx, receipt) {
        await note('settle')(ctx)
        return { ...receipt, bytes: 1, digest: null }
      },
    }),
    undo: operation({ run: note('undo') }),
  }
  return { log, operations }
}

function bracket(test: TestSite): Promise<unknown> {
  const members = test.run.members
  return test.run.bracket({
    purpose: 'save',
    name: 'backup',
    tiers: freezeTiers(members, {}),
    cut: { operation: snapshotCreate, undo: snapshotDelete, members, order: 'none', inputs: {} },
  })
}

async function outcome(
  options: SiteOptions,
): Promise<{ readonly test: TestSite; readonly problem: Error | undefined }> {
  const test = await testSite(options)
  const problem = await bracket(test).then(
    () => undefined,
    (thrown: Error) => thrown,
  )
  return { test, problem }
}

describe('a bracket', () => {
  it('freezes dependents first and computes last, cuts, and thaws in the exact reverse order', async () => {
    const { log, operations } = recorded()
    const { test, problem } = await outcome({ nodes, operations })
    await using _ = test
    expect(problem).to.equal(undefined)
    const order = log.filter((line) => /^(freeze|thaw)/.test(line))
    expect(order).to.deep.equal(['freeze web', 'freeze db', 'freeze vm', 'thaw vm', 'thaw db', 'thaw web'])
    expect(log.indexOf('cut web')).to.be.above(log.indexOf('freeze vm'))
    expect(log.indexOf('thaw vm')).to.be.above(Math.max(...nodes.map(({ id }) => log.indexOf(`cut ${id}`))))
    expect(log.indexOf('settle web')).to.be.above(log.indexOf('thaw web'))
  })

  it('arms the deadman before each freeze and disarms it after the thaw', async () => {
    const { log, operations } = recorded()
    const { test } = await outcome({ nodes, operations })
    await using _ = test
    for (const { id } of nodes) {
      const at = ['arm', 'freeze', 'thaw', 'disarm'].map((what) => log.indexOf(`${what} ${id}`))
      expect(at).to.deep.equal(at.toSorted((left, right) => left - right))
      expect(at).not.to.include(-1)
    }
  })

  it('thaws everything in reverse order and takes the other cuts back when one cut fails', async () => {
    const { log, operations } = recorded({
      'cut vm': () => {
        throw fault('operation.failed', { details: { message: 'no space' }, retry: 'never' })
      },
    })
    const { test, problem } = await outcome({ nodes, operations })
    await using _ = test
    expect(problem?.message).to.equal('no space')
    expect(log.filter((line) => line.startsWith('thaw'))).to.deep.equal(['thaw vm', 'thaw db', 'thaw web'])
    // The failed cut said that nothing happened, so there is nothing to take back of it.
    expect(log.filter((line) => line.startsWith('undo')).toSorted()).to.deep.equal(['undo db', 'undo web'])
    expect(
      await test.store.query.selectFrom('freezes').selectAll().where('thawed_at', 'is', null).execute(),
    ).to.deep.equal([])
  })

  it('takes back a cut that may have happened', async () => {
    const { log, operations } = recorded({
      'cut vm': () => {
        throw fault('operation.failed', { details: { message: 'lost the answer' }, retry: 'never', effect: 'unknown' })
      },
    })
    const { test } = await outcome({ nodes, operations })
    await using _ = test
    expect(log).to.include('undo vm')
  })

  it('thaws only what it froze when a freeze fails, and cuts nothing', async () => {
    const { log, operations } = recorded({
      'freeze db': () => {
        throw fault('freeze.refused', { details: { reason: 'busy' }, retry: 'never' })
      },
    })
    const { test, problem } = await outcome({ nodes, operations })
    await using _ = test
    expect(problem?.message).to.equal('could not freeze: busy')
    expect(log.filter((line) => line.startsWith('thaw'))).to.deep.equal(['thaw db', 'thaw web'])
    expect(log.filter((line) => line.startsWith('cut') || line === 'freeze vm')).to.deep.equal([])
  })

  it('goes on thawing the others when one thaw fails, and says so', async () => {
    const { log, operations } = recorded({
      'thaw vm': () => {
        throw fault('freeze.still_frozen', { details: { reason: 'gone' }, retry: 'never' })
      },
    })
    const { test, problem } = await outcome({ nodes, operations })
    await using _ = test
    expect(problem?.message).to.equal('could not thaw: gone')
    expect(log).to.include.members(['thaw db', 'thaw web'])
    expect(log).not.to.include('disarm vm')
  })

  it('refuses, before anything happens, a node that freezes and has nothing to thaw it', async () => {
    const { log, operations } = recorded()
    const { test, problem } = await outcome({
      nodes: [{ id: 'vm', operations: { [fsPrepare]: 'freeze' } }],
      operations,
    })
    await using _ = test
    expect(problem?.message).to.contain('fs_finalize')
    expect(log).to.deep.equal([])
  })

  it('does no finished part again when it is run again, and returns the same', async () => {
    const { log, operations } = recorded()
    await using test = await testSite({ nodes, operations })
    const first = await bracket(test)
    const count = log.length
    const second = await bracket(await test.again())
    expect(second).to.deep.equal(first)
    expect(log).to.have.length(count)
  })
})

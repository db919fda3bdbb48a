// Claim: suspend remembers the power state it found, whatever interrupts it; resume puts exactly that back, reads it back,
// and forgets it only then.
import { expect } from 'chai'
import type { TraceRecord } from '../../../src/kernel/trace.ts'
import { freezeResume, freezeSuspend } from '../../../src/lifecycle/operations.ts'
import type { PowerState } from '../../../src/plugins/contract/operation.ts'
import type { Run } from '../../../src/plugins/contract/workflow.ts'
import type { Write } from '../../../src/store/store.ts'
import { simulatedWorld } from '../../../src/world/simulated-world.ts'
import { faultOf } from '../../support/freezing-provider.ts'
import { machines, powerPast, powerProvider, recordsOf } from '../../support/power-provider.ts'
import { testSite, type TestSite } from '../../support/site.ts'

const found: Record<string, PowerState> = { a: 'running', b: 'stopped', c: 'suspended' }

async function suspend(run: Run, phase = 'suspend'): Promise<void> {
  for (const member of run.members) await run.powerDown(member, freezeSuspend, { phase })
}

async function resume(run: Run, phase = 'resume'): Promise<void> {
  for (const member of run.members) await run.powerUp(member, freezeResume, { phase })
}

async function tracesOf(test: TestSite): Promise<readonly TraceRecord[]> {
  const rows = await test.store.read<{ records: string }>('select records from traces order by batch')
  return rows.flatMap(({ records }) => JSON.parse(records) as TraceRecord[])
}

describe('suspend and resume', () => {
  it('put back what was found: running runs again, stopped and suspended stay', async () => {
    const provider = powerProvider({ ...found })
    await using test = await testSite({ nodes: machines(found), operations: provider.operations, past: powerPast })
    await suspend(test.run)
    expect(provider.log).to.deep.equal(['suspend a'])
    expect(provider.states).to.deep.equal({ a: 'suspended', b: 'stopped', c: 'suspended' })
    expect(await recordsOf(test.store)).to.deep.equal(found)
    await resume(test.run)
    expect(provider.log).to.deep.equal(['suspend a', 'resume a'])
    expect(provider.states).to.deep.equal(found)
    expect(await recordsOf(test.store)).to.deep.equal({})
    const lines = test.events.map(({ instance_id, message }) => `${instance_id}: ${message}`)
    expect(lines).to.include('b: It is stopped already and is left so')
    expect(lines).to.include('c: It was found suspended by suspend and is left so')
    const traces = await tracesOf(test)
    const told = traces.map(({ type, instance, state, wanted }) => [type, instance, state, wanted].join(' ').trim())
    expect(told).to.deep.equal([
      'power.found a running',
      'power.found b stopped',
      'power.found c suspended',
      'power.restored a running running',
      'power.restored b stopped stopped',
      'power.restored c suspended suspended',
    ])
  })

  it('twice suspended, the first finding counts; what was started since counts anew', async () => {
    const provider = powerProvider({ ...found })
    await using test = await testSite({ nodes: machines(found), operations: provider.operations, past: powerPast })
    await suspend(test.run)
    await suspend(test.run, 'again')
    expect(await recordsOf(test.store)).to.deep.equal(found)
    provider.states['b'] = 'running'
    await suspend(test.run, 'once more')
    expect(await recordsOf(test.store)).to.deep.equal({ ...found, b: 'running' })
    await resume(test.run)
    expect(provider.states).to.deep.equal({ a: 'running', b: 'running', c: 'suspended' })
  })

  it('resume without a record as they always did', async () => {
    const provider = powerProvider({ a: 'suspended' })
    await using test = await testSite({
      nodes: machines({ a: 'suspended' }),
      operations: provider.operations,
      past: powerPast,
    })
    await resume(test.run)
    expect(provider.states).to.deep.equal({ a: 'running' })
  })

  it('fail when the state is not reached, and keep the record until it is', async () => {
    const world = simulatedWorld(1)
    const provider = powerProvider({ a: 'running' })
    provider.deaf.add('suspend a')
    provider.deaf.add('resume a')
    const nodes = machines({ a: 'running' })
    await using test = await testSite({ nodes, operations: provider.operations, past: powerPast, world })
    expect((await waitingFor(world, faultOf(suspend(test.run))))?.code).to.equal('power.not_reached')
    provider.states['a'] = 'suspended'
    const problem = await waitingFor(world, faultOf(resume(test.run)))
    expect(problem?.message).to.equal("node 'a' is suspended and not running")
    expect(await recordsOf(test.store)).to.deep.equal({ a: 'running' })
    provider.deaf.clear()
    await resume(test.run, 'again')
    expect(provider.states).to.deep.equal({ a: 'running' })
    expect(await recordsOf(test.store)).to.deep.equal({})
  })

  it('wait for a provider that takes its time to show it', async () => {
    const world = simulatedWorld(1)
    const provider = powerProvider({ a: 'running' })
    provider.deaf.add('suspend a')
    const nodes = machines({ a: 'running' })
    await using test = await testSite({ nodes, operations: provider.operations, past: powerPast, world })
    void world.clock.sleep(3000).then(() => (provider.states['a'] = 'suspended'))
    await waitingFor(world, suspend(test.run))
    expect(provider.states).to.deep.equal({ a: 'suspended' })
  })

  it('know nothing any more of a node that was uninstalled, nor of a deployment that was deleted', async () => {
    const provider = powerProvider({ ...found })
    await using test = await testSite({ nodes: machines(found), operations: provider.operations, past: powerPast })
    await suspend(test.run)
    const [first] = test.run.members
    if (first) await test.run.setState(first, 'deleted')
    expect(await recordsOf(test.store)).to.deep.equal({ b: 'stopped', c: 'suspended' })
    await test.store.commit([{ sql: 'delete from deployments where id = ?', rows: [['d']] }])
    expect(await recordsOf(test.store)).to.deep.equal({})
  })

  it('end the same after a crash at any commit', async () => {
    const commits: (readonly Write[])[] = []
    const moments: { readonly commits: number; readonly states: Record<string, PowerState> }[] = []
    const first = powerProvider({ ...found })
    const note = (): number => moments.push({ commits: commits.length, states: { ...first.states } })
    await using test = await testSite({
      nodes: machines(found),
      operations: first.operations,
      past: powerPast,
      async commit(writes, store) {
        note()
        commits.push(writes)
        await store.commit(writes)
        note()
      },
    })
    await suspend(test.run)
    const middle = commits.length
    await resume(test.run)
    expect(moments.length).to.be.above(30)
    for (const moment of moments) {
      const provider = powerProvider({ ...moment.states })
      const past = [...powerPast, ...commits.slice(0, moment.commits)]
      await using second = await testSite({ nodes: machines(found), operations: provider.operations, past })
      await suspend(second.run)
      if (moment.commits < middle) expect(provider.states['a'], `commit ${moment.commits}`).to.equal('suspended')
      await resume(second.run)
      expect(provider.states, `commit ${moment.commits}`).to.deep.equal(found)
      expect(await recordsOf(second.store)).to.deep.equal({})
    }
  })
})

/** Lets time pass until the work has come to its end. */
async function waitingFor<Value>(world: ReturnType<typeof simulatedWorld>, work: Promise<Value>): Promise<Value> {
  let isOver = false
  const ended = work.finally(() => (isOver = true))
  while (!isOver) await world.advance(100)
  return ended
}

// Claim: resume takes what a person says of operations in doubt for what happened, and with failedOnly runs again only
// what failed, or refuses.
import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import { faultOf } from '../../support/freezing-provider.ts'
import { engineSite, type EngineSite } from '../../support/engine-site.ts'

const lost = (): never => {
  throw fault('operation.failed', { details: { message: 'no answer' }, effect: 'unknown' })
}
const broken = (): never => {
  throw fault('operation.failed', { details: { message: 'broken' }, retry: 'never' })
}

/** `start` must not be run twice. */
async function unsafeSite(): Promise<EngineSite> {
  const site = await engineSite({ unsafe: ['start'] })
  return site
}

describe('resume', () => {
  for (const [assumption, calls] of [
    ['done', 1],
    ['not-done', 2],
  ] as const) {
    it(`takes an operation in doubt for ${assumption} when told so`, async () => {
      await using site = await unsafeSite()
      site.hooks['start db'] = lost
      const failed = await site.start('install')
      expect(failed.error?.code).to.equal('operation.failed')
      delete site.hooks['start db']

      const stopped = await site.fermata.executions.resume(failed.id)
      expect(stopped.error?.code).to.equal('operation.in_doubt')
      const ended = await site.fermata.executions.resume(failed.id, { assume: assumption })
      expect(ended.status).to.equal('terminated')
      expect(site.log.filter((line) => line === 'start db')).to.have.length(calls)
      const said = (await site.events(failed)).filter(({ message }) => message.includes('a person said so'))
      expect(said.map(({ level }) => level)).to.deep.equal(['WARNING'])
    })
  }

  it('asks which operation is meant, and refuses what is in no doubt', async () => {
    await using site = await unsafeSite()
    const failed = await site.start('execute_operation', { operation: 'cloudify.interfaces.lifecycle.start' })
    expect(failed.status).to.equal('terminated')
    for (const node of ['db', 'web']) site.hooks[`start ${node}`] = lost
    const parameters = { operation: 'cloudify.interfaces.lifecycle.start' }
    const doubted = await site.start('execute_operation', parameters, { taskRetries: 1, taskRetryInterval: 1 })
    expect(doubted.status).to.equal('failed')
    for (const node of ['db', 'web']) delete site.hooks[`start ${node}`]
    const { resume } = site.fermata.executions
    const vague = await faultOf(resume(doubted.id, { assume: 'done' }))
    expect(vague?.message).to.contain('several operations are in doubt')
    const key = (node: string): string => `cloudify.interfaces.lifecycle.start/${site.ids[node]}`
    expect(vague?.message).to.contain(key('db')).and.to.contain(key('web'))
    const wrong = await faultOf(resume(doubted.id, { assume: { [key('vm')]: 'done' } }))
    expect(wrong?.message).to.contain(`no step '${key('vm')}' is in doubt`)
    site.log.length = 0
    const ended = await resume(doubted.id, { assume: { [key('db')]: 'done', [key('web')]: 'not-done' } })
    expect(ended.status).to.equal('terminated')
    expect(site.log).to.deep.equal(['start web'])
    const over = await faultOf(resume(doubted.id, { assume: 'done' }))
    expect(over?.code).to.equal('engine.not_resumable')
  })

  it('runs again only what failed', async () => {
    await using site = await engineSite()
    site.hooks['measure db'] = broken
    const parameters = { operation: 'cloudify.interfaces.statistics.perfomance' }
    const failed = await site.start('execute_operation', parameters)
    expect(failed.status).to.equal('failed')
    delete site.hooks['measure db']
    site.log.length = 0
    const ended = await site.fermata.executions.resume(failed.id, { failedOnly: true })
    expect(ended.status).to.equal('terminated')
    expect(site.log).to.deep.equal(['measure db'])
  })

  it('adds to a partial backup only what it lacks', async () => {
    await using site = await engineSite()
    site.hooks['cut db'] = broken
    const partial = await site.start('backup', { snapshot_policy: 'best_effort', snapshot_name: 'one' })
    expect(partial.error?.code).to.equal('backup.partial')
    delete site.hooks['cut db']
    site.log.length = 0
    const ended = await site.fermata.executions.resume(partial.id, { failedOnly: true })
    expect(ended.status).to.equal('terminated')
    expect(site.log.filter((line) => line.startsWith('cut '))).to.deep.equal(['cut db'])
  })

  it('waits for its deployment when it is told to', async () => {
    await using site = await engineSite()
    site.hooks['measure db'] = broken
    const failed = await site.start('execute_operation', { operation: 'cloudify.interfaces.statistics.perfomance' })
    delete site.hooks['measure db']
    const cutting = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    site.hooks['cut db'] = () => {
      cutting.resolve()
      return goOn.promise
    }
    const backup = site.start('backup')
    await cutting.promise
    const refused = await faultOf(site.fermata.executions.resume(failed.id))
    expect(refused?.code).to.equal('engine.busy')
    const waiting = site.fermata.executions.resume(failed.id, { wait: true })
    site.log.length = 0
    goOn.resolve()
    expect((await backup).status).to.equal('terminated')
    expect((await waiting).status).to.equal('terminated')
    expect(site.log.at(-1)).to.equal('measure db')
  })

  it('refuses that where nothing failed, or nothing of what did not fail was kept', async () => {
    await using site = await engineSite()
    const stopping = new AbortController()
    site.hooks['measure vm'] = () => stopping.abort()
    const parameters = { operation: 'cloudify.interfaces.statistics.perfomance', run_by_dependency_order: true }
    const cancelled = await site.start('execute_operation', parameters, { signal: stopping.signal })
    expect(cancelled.status).to.equal('cancelled')
    const nothing = await faultOf(site.fermata.executions.resume(cancelled.id, { failedOnly: true }))
    expect(nothing?.code).to.equal('engine.nothing_failed')
    expect(nothing?.message).to.contain('no operation of it failed')

    site.hooks['cut db'] = broken
    const backup = await site.start('backup')
    delete site.hooks['cut db']
    const whole = await faultOf(site.fermata.executions.resume(backup.id, { failedOnly: true }))
    expect(whole?.message).to.contain('all of it has to be done again')
    expect((await site.fermata.executions.resume(backup.id)).status).to.equal('terminated')
  })
})

// A cut that says what it would be refused for is asked before anybody stands still for it, and by plans.
import { expect } from 'chai'
import { fault } from '../../src/kernel/fault.ts'
import { engineSite } from '../support/engine-site.ts'

const refused = () => {
  throw fault('operation.failed', { message: 'there is no room for it', retry: 'never' })
}

describe('a cut that would be refused', () => {
  it('is refused before anybody freezes, and leaves the name free', async () => {
    await using site = await engineSite()
    site.hooks['check web'] = refused
    const failed = await site.start('backup', { snapshot_name: 'one' })
    expect([failed.status, failed.error?.message]).to.deep.equal(['failed', 'there is no room for it'])
    expect(site.log).to.deep.equal([])
    expect(site.frozen.size + site.armed.size).to.equal(0)
    delete site.hooks['check web']
    expect((await site.start('backup', { snapshot_name: 'one' })).status).to.equal('terminated')
  })

  it('is refused likewise when it could be done only much later, and tried when it is a matter of moments', async () => {
    await using site = await engineSite()
    let after = 3_000_000
    site.hooks['check web'] = () => {
      throw fault('operation.failed', { message: 'too many today', retry: 'later', after })
    }
    const failed = await site.start('backup', { snapshot_name: 'one' })
    expect([failed.status, failed.error?.message]).to.deep.equal(['failed', 'too many today'])
    expect(site.log).to.deep.equal([])
    after = 2000
    expect((await site.start('backup', { snapshot_name: 'two' })).status).to.equal('terminated')
  })

  it('is asked with the inputs of the cut', async () => {
    await using site = await engineSite()
    const seen: unknown[] = []
    site.hooks['check db'] = (_ctx, inputs) => void seen.push(inputs['snapshot_name'], inputs['snapshot_incremental'])
    await site.start('backup', { snapshot_name: 'one', snapshot_incremental: false })
    expect(seen).to.deep.equal(['one', false])
  })

  it('stands in the plan', async () => {
    await using site = await engineSite()
    site.hooks['check web'] = refused
    const plan = await site.fermata.executions.plan({
      workflow: 'backup',
      deploymentId: 'shop',
      parameters: { snapshot_name: 'one' },
    })
    const [problem, ...others] = plan.problems.filter(({ severity }) => severity === 'error')
    expect(problem).to.include({ message: 'there is no room for it', instance: site.ids['web'] })
    expect(others).to.deep.equal([])
  })

  it('is left out by who keeps what can be kept, and fails at its cut alone', async () => {
    await using site = await engineSite()
    site.hooks['check web'] = refused
    site.hooks['cut web'] = refused
    const { status, error } = await site.start('backup', { snapshot_name: 'one', snapshot_policy: 'best_effort' })
    const { missing, parts } = await site.fermata.backups.get('one')
    expect([status, error?.code, parts, Object.keys(missing)]).to.deep.equal([
      'failed',
      'backup.partial',
      2,
      [site.ids['web']],
    ])
  })
})

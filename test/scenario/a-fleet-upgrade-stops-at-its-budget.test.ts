import { expect } from 'chai'
import type { FleetReport } from '../../src/engine/fleet-api.ts'
import { blueprintPath, openCliSite, type CliSite } from '../support/cli.ts'

const nowhere = ['-i', 'gateway=127.0.0.1', '-i', 'web_address=10.254.2.1', '-i', 'database_address=10.254.2.2']

describe('fleet-upgrade', () => {
  let site: CliSite

  beforeEach(async () => {
    site = await openCliSite()
    const path = await site.write({ key: 'no key at all\n' })
    await site.ok('blueprints', 'upload', '-b', 'upgrade', blueprintPath('fleet-upgrade'))
    await site.ok('deployments', 'create', 'upgrade', '-b', 'upgrade', ...nowhere, '-i', `key=${site.folder}/key`)
    expect(path).to.not.equal('')
  })
  afterEach(() => site.close())

  it('tells before it begins whom it would call', async () => {
    const planned = await site.ok('executions', 'plan', 'upgrade_kernel', '-d', 'upgrade')
    expect(planned).to.match(/web_\w+/)
    expect(planned).to.match(/database_\w+/)
    expect(planned).to.contain('ssh.fleet_run')
  })

  it('does not go on behind a canary that failed', async function () {
    this.timeout(60_000)
    const run = await site.run('executions', 'start', 'upgrade_kernel', '-d', 'upgrade')
    expect(run.code).to.equal(1)
    expect(run.stdout).to.contain('cannot be used')
    const called = new Set([...run.stdout.matchAll(/\[(\w+)\.\w+\] Task started/g)].map(([, instance]) => instance))
    expect(called.size).to.equal(1)
    const runs = await site.json<{ id: string }[]>('fleet', 'list')
    const report = await site.json<FleetReport>('fleet', 'show', runs[0]?.id ?? '')
    expect(report.counts).to.include({ failed: 1, not_begun: 1 })
  })
})

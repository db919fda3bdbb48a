// Claim: the parameters to_addr_success and to_addr_error say who gets a mail of the end, once each; whoever starts the run with
// other addresses wins.
import { expect } from 'chai'
import { mailServer } from '../support/mail-server.ts'
import { scheduledSite } from '../support/openstack/scheduled-site.ts'

const workflow = 'instance_snapshot'
const told = { to_addr_success: 'a@example.com; b@example.com', to_addr_error: 'ops@example.com' }

describe('mail about scheduled snapshots', function () {
  this.timeout(60_000)

  it('goes to those that the parameters name', async () => {
    await using mail = await mailServer()
    await using site = await scheduledSite()
    const { cloud, test } = site
    await test.fermata.mails.configure({ server: '127.0.0.1', port: mail.port, from: 'f@example.com' })
    cloud.addServer({ name: 'web' })
    const recipients = (): readonly string[] => mail.taken.map(({ to }) => to).toSorted()
    await site.succeed(workflow, { instance: 'web', wait: true, ...told })
    expect(recipients()).to.deep.equal(['a@example.com', 'b@example.com'])
    cloud.break('image:saving')
    expect((await site.run(workflow, { instance: 'web', wait: true, ...told })).status).to.equal('failed')
    expect(recipients()).to.deep.equal(['a@example.com', 'b@example.com', 'ops@example.com'])
    await site.run(workflow, { instance: 'web', ...told }, { notify: { success: ['me@example.com'] } })
    expect(recipients()).to.deep.equal(['a@example.com', 'b@example.com', 'me@example.com', 'ops@example.com'])
    await site.succeed(workflow, { instance: 'web' })
    expect(recipients()).to.have.length(4)
  })

  it('is asked for before anything runs', async () => {
    await using site = await scheduledSite()
    const { cloud, test } = site
    cloud.addServer({ name: 'web' })
    const refused = async (parameters: Readonly<Record<string, string>>): Promise<unknown> =>
      test.fermata.executions
        .start({ workflow, deploymentId: 'test', parameters: { instance: 'web', ...parameters } })
        .then(
          () => 'started',
          (thrown: { code?: string }) => thrown.code,
        )
    expect(await refused({ to_addr_error: 'ops@example.com' })).to.equal('mail.not_configured')
    await test.fermata.mails.configure({ server: '127.0.0.1', port: 9, from: 'f@example.com' })
    expect(await refused({ to_addr_error: 'ops at example.com' })).to.equal('mail.bad_address')
    expect(cloud.writes).to.deep.equal([])
  })
})

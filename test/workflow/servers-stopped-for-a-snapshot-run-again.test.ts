// Claim: a server that was stopped for its snapshot is started again on every path: when the snapshot fails, when the stop comes
// too late, when the run is cancelled; one that stood still already is left alone; and what failed leaves nothing behind.
import { expect } from 'chai'
import { eventually } from '../support/cli.ts'
import type { FakeOpenstack } from '../support/openstack/fake-openstack.ts'
import { scheduledSite } from '../support/openstack/scheduled-site.ts'

const workflow = 'instance_snapshot'
const parameters = { instance: 'web', instance_stop: true, wait: true }

/** Somebody waits for it. */
async function looksTwice(cloud: FakeOpenstack): Promise<void> {
  const before = cloud.count('compute GET /servers/:id')
  await eventually('it is looked at', () => cloud.count('compute GET /servers/:id') >= before + 2)
}

describe('a server that is stopped for its snapshot', function () {
  this.timeout(60_000)

  for (const isFromVolume of [false, true]) {
    it(`is off while it is taken, and runs again: ${isFromVolume ? 'on a volume' : 'with its own disk'}`, async () => {
      await using site = await scheduledSite()
      const { cloud } = site
      const server = cloud.addServer({ name: 'web', isFromVolume, content: 'pages' })
      const taking = cloud.hold(isFromVolume ? 'snapshot:creating' : 'server:image_snapshot')
      const run = site.test.start(workflow, parameters)
      await site.reached(taking, run)
      expect(server.isRunning).to.equal(false)
      taking.release()
      const { status, result, error } = await run.done
      expect(status, JSON.stringify(error)).to.equal('terminated')
      expect([server.status, server.boots]).to.deep.equal(['ACTIVE', 2])
      expect(result).to.include.keys('off_from', 'off_until')
      // Started only when Nova is done with it: it would have been refused.
      expect(cloud.count('compute POST /servers/:id/action os-start')).to.equal(1)
    })
  }

  it('runs again when the snapshot fails, and nothing is left of that', async () => {
    await using site = await scheduledSite()
    const { cloud } = site
    const server = cloud.addServer({ name: 'web' })
    cloud.break('server:image_snapshot', { times: 9 })
    const failed = await site.run(workflow, parameters)
    expect([failed.status, failed.error?.code]).to.deep.equal(['failed', 'openstack.error_state'])
    expect([server.status, site.copies()]).to.deep.equal(['ACTIVE', []])
  })

  it('runs again when the cloud refuses the snapshot', async () => {
    await using site = await scheduledSite()
    const { cloud } = site
    const server = cloud.addServer({ name: 'web', isFromVolume: true })
    cloud.state.quotas.snapshots = 0
    const failed = await site.run(workflow, parameters)
    expect([failed.status, failed.error?.code]).to.deep.equal(['failed', 'openstack.quota'])
    expect([server.status, site.copies()]).to.deep.equal(['ACTIVE', []])
  })

  it('runs again when it was stopped too late', async () => {
    await using site = await scheduledSite()
    const { cloud } = site
    const server = cloud.addServer({ name: 'web' })
    const stopping = cloud.hold('server:powering-off')
    const run = site.test.start(workflow, parameters, { taskRetries: 0 })
    await site.reached(stopping, run)
    await looksTwice(cloud)
    site.skip(600_000)
    await run.until(({ message }) => message.includes('Task failed') && message.includes('servers.stop'))
    stopping.release()
    const failed = await run.done
    expect([failed.status, failed.error?.code]).to.deep.equal(['failed', 'openstack.not_reached'])
    expect([server.status, site.copies()]).to.deep.equal(['ACTIVE', []])
  })

  it('runs again when the run is cancelled while it is off', async () => {
    await using site = await scheduledSite()
    const { cloud } = site
    const server = cloud.addServer({ name: 'web' })
    const taking = cloud.hold('server:image_snapshot')
    const run = site.test.start(workflow, parameters)
    await site.reached(taking, run)
    run.cancel()
    await run.until(({ message }) => message.includes("Task started 'servers.start'"))
    taking.release()
    expect((await run.done).status).to.equal('cancelled')
    await cloud.idle()
    expect([server.status, site.copies()]).to.deep.equal(['ACTIVE', []])
  })

  it('is told of when it cannot be started, and is not stopped again when that is carried on', async () => {
    await using site = await scheduledSite()
    const { cloud, test } = site
    const server = cloud.addServer({ name: 'web' })
    const trouble = cloud.fail('compute POST /servers/:id/action os-start', { status: 403, times: 999 })
    const failed = await site.run(workflow, parameters, { taskRetries: 0 })
    expect([failed.status, failed.error?.code]).to.deep.equal(['failed', 'openstack.left_off'])
    expect(server.status).to.equal('SHUTOFF')
    trouble.remove()
    const resumed = await test.fermata.executions.resume(failed.id)
    expect(resumed.status, JSON.stringify(resumed.error)).to.equal('terminated')
    expect([server.status, site.copies()]).to.deep.equal(['ACTIVE', ['web_snapshot_202611210500']])
    expect(cloud.count('compute POST /servers/:id/action os-stop')).to.equal(1)
    expect(cloud.count('compute POST /servers/:id/action createImage')).to.equal(1)
  })

  it('stays as it was when it stood still already', async () => {
    await using site = await scheduledSite()
    const server = site.cloud.addServer({ name: 'web', status: 'SHUTOFF' })
    await site.succeed(workflow, parameters)
    expect([server.status, server.boots]).to.deep.equal(['SHUTOFF', 1])
  })

  it('is stopped anew for a snapshot that is taken anew', async () => {
    await using site = await scheduledSite()
    const { cloud, test } = site
    const server = cloud.addServer({ name: 'web' })
    cloud.break('image:saving')
    const failed = await site.run(workflow, parameters)
    expect([failed.status, server.status, site.copies()]).to.deep.equal(['failed', 'ACTIVE', []])
    const resumed = await test.fermata.executions.resume(failed.id)
    expect(resumed.status, JSON.stringify(resumed.error)).to.equal('terminated')
    expect([server.status, server.boots]).to.deep.equal(['ACTIVE', 3])
    expect(site.copies()).to.deep.equal(['web_snapshot_202611210500'])
  })

  it('runs again however long the upload takes, and however often the cloud has no time', async () => {
    await using site = await scheduledSite()
    const { cloud, test } = site
    const server = cloud.addServer({ name: 'web' })
    const busy = cloud.fail('compute POST /servers/:id/action os-start', { status: 503, times: 3 })
    const uploading = cloud.hold('image:saving')
    const run = test.start(workflow, parameters, { taskRetries: 0 })
    await run.until(({ message }) => message.includes("Task started 'servers.start'"))
    await looksTwice(cloud)
    site.skip(3_600_000)
    uploading.release()
    const { status, error } = await run.done
    expect(status, JSON.stringify(error)).to.equal('terminated')
    expect([server.status, cloud.count('compute POST /servers/:id/action os-start')]).to.deep.equal(['ACTIVE', 4])
    busy.remove()
  })
})

// Claim: restore_clone_snapshot makes a new server of the snapshot that is meant, like its source in all that a snapshot does not
// hold; what the cloud does not have is refused before anything is made, and a clone that fails leaves nothing.
import { expect } from 'chai'
import type { FakeServer } from '../support/openstack/model/server.ts'
import type { FakeOpenstack } from '../support/openstack/fake-openstack.ts'
import { scheduledSite, type ScheduledSite } from '../support/openstack/scheduled-site.ts'

const workflow = 'restore_clone_snapshot'
const wanted = { instance: 'web', clone_name: 'copy', date: '20261120', wait: true }

/** Three snapshots on two days, each with other pages. */
async function siteWithSnapshots(isFromVolume: boolean): Promise<ScheduledSite & { readonly server: FakeServer }> {
  const site = await scheduledSite()
  const server = site.cloud.addServer({ name: 'web', isFromVolume })
  for (const time of ['19T05:00', '20T05:00', '20T17:30']) {
    server.write(`pages of ${time}`)
    site.at(`2026-11-${time}Z`)
    await site.succeed('instance_snapshot', { instance: 'web', wait: true })
  }
  server.write('pages of today')
  site.at('2026-11-21T05:00Z')
  return { ...site, server }
}

const servers = ({ state }: FakeOpenstack): readonly string[] =>
  [...state.servers.values()].map(({ name }) => name).toSorted()

describe('restore_clone_snapshot', function () {
  this.timeout(60_000)

  for (const isFromVolume of [false, true]) {
    it(`makes a server of the newest snapshot of a day: ${isFromVolume ? 'of a volume' : 'of an image'}`, async () => {
      await using site = await siteWithSnapshots(isFromVolume)
      const done = await site.run(workflow, wanted)
      expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
      expect(done.result).to.include({ snapshot: 'web_snapshot_202611201730', clone: 'copy', status: 'ACTIVE' })
      expect(await site.texts(done)).to.include("Chose 'web_snapshot_202611201730' for 20261120")
      expect(site.cloud.server('copy').contents).to.deep.equal({ vda: 'pages of 20T17:30' })
      expect(site.server.contents).to.deep.equal({ vda: 'pages of today' })
    })
  }

  it('takes the snapshot of a minute', async () => {
    await using site = await siteWithSnapshots(false)
    await site.succeed(workflow, { ...wanted, date: '202611200500' })
    expect(site.cloud.server('copy').contents).to.deep.equal({ vda: 'pages of 20T05:00' })
  })

  it('refuses a date without a whole snapshot, and names those that there are', async () => {
    await using site = await siteWithSnapshots(false)
    for (const [date, code] of [
      ['20261118', 'openstack.no_snapshot'],
      ['202611200501', 'openstack.no_snapshot'],
      ['20261131', 'openstack.bad_property'],
      ['yesterday', 'openstack.bad_property'],
    ]) {
      const { error } = await site.run(workflow, { ...wanted, date: date ?? '' })
      expect([date, error?.code]).to.deep.equal([date, code])
    }
    site.cloud.image('web_snapshot_202611190500').status = 'killed'
    const { error } = await site.run(workflow, { ...wanted, date: '20261119' })
    expect(error?.message).to.include("'web_snapshot_202611190500' is killed")
    expect(error?.hint).to.include('202611200500, 202611201730')
    expect(servers(site.cloud)).to.deep.equal(['web'])
  })

  it('finds snapshots that others made by such a name, of this very server alone', async () => {
    await using site = await scheduledSite()
    const { cloud } = site
    const [mine, other] = [cloud.addServer({ name: 'a.b' }), cloud.addServer({ name: 'axb' })]
    const image = (name: string, content: string, of: FakeServer) =>
      cloud.addImage(name, content, { instance_uuid: of.id, image_type: 'snapshot' })
    image('a.b_snapshot_20261120', 'mine', mine)
    image('axb_snapshot_202611202359', 'of another', other)
    image('a.b_snapshot_202611202358', 'of another under this name', other)
    image('old-a.b_snapshot_202611202357', 'another name', mine)
    await site.succeed(workflow, { ...wanted, instance: 'a.b' })
    expect(cloud.server('copy').contents).to.deep.equal({ vda: 'mine' })
  })

  it('is like its source in all that a snapshot does not hold', async () => {
    await using site = await siteWithSnapshots(true)
    const { cloud, server } = site
    const network = cloud.addThing('networks', { id: 'net-1', name: 'inner', 'router:external': false })
    cloud.addThing('keypairs', { id: 'ada', name: 'ada' })
    Object.assign(server, { keyName: 'ada', tags: ['tier-1'], description: 'serves', zone: 'west' })
    Object.assign(server.metadata, { role: 'front', 'landb-alias': 'www', fermata_first: 'somebody' })
    const port = cloud.addThing('ports', { id: 'port-1', network_id: network.id, fixed_ips: [], device_id: server.id })
    server.ports.push(port.id)
    server.securityGroups = ['default', 'web']
    await site.succeed(workflow, wanted)
    const clone = cloud.server('copy')
    expect([clone.keyName, clone.tags, clone.description, clone.zone, clone.flavorId]).to.deep.equal([
      'ada',
      ['tier-1'],
      'serves',
      'west',
      server.flavorId,
    ])
    expect(clone.securityGroups).to.deep.equal(['default', 'web'])
    expect(clone.metadata).to.include({ role: 'front' })
    // An alias leads to one; and whose snapshots a server has is its own.
    expect(clone.metadata).to.not.have.any.keys('landb-alias', 'fermata_first', 'fermata_instance')
    expect(clone.ports.map((id) => cloud.state.things('ports').get(id)?.['network_id'])).to.deep.equal([network.id])
    expect(clone.ports).to.not.include(port.id)
  })

  it('takes flavor, zone and metadata as they are asked for, and refuses those that there are not', async () => {
    await using site = await siteWithSnapshots(false)
    for (const [unknown, code] of [
      [{ flavor: 'm1.huge' }, 'openstack.missing'],
      [{ avz_name: 'moon' }, 'openstack.bad_property'],
      [{ clone_name: 'web' }, 'openstack.bad_property'],
      [{ meta: '{"a": [1]}' }, 'openstack.bad_property'],
    ] as const) {
      const { error } = await site.run(workflow, { ...wanted, ...unknown })
      expect([unknown, error?.code]).to.deep.equal([unknown, code])
    }
    expect(servers(site.cloud)).to.deep.equal(['web'])
    await site.succeed(workflow, { ...wanted, flavor: 'm1.large', avz_name: 'nova', meta: { owner: 'ada' } })
    const clone = site.cloud.server('copy')
    expect([clone.flavorId, clone.zone]).to.deep.equal(['large', 'nova'])
    expect(clone.metadata).to.include({ owner: 'ada' })
  })

  for (const isFromVolume of [false, true]) {
    it(`leaves nothing when the server does not come up: ${isFromVolume ? 'of a volume' : 'of an image'}`, async () => {
      await using site = await siteWithSnapshots(isFromVolume)
      const { cloud } = site
      const before = [servers(cloud), cloud.state.volumes.size]
      cloud.break('server:spawning', { times: 9, reason: 'no valid host' })
      const failed = await site.run(workflow, wanted)
      expect([failed.status, failed.error?.code]).to.deep.equal(['failed', 'openstack.error_state'])
      expect(failed.error?.message).to.include('no valid host')
      expect([servers(cloud), cloud.state.volumes.size]).to.deep.equal(before)
    })
  }

  for (const step of ['volume:creating', 'server:spawning']) {
    it(`leaves nothing when it is cancelled: ${step}`, async () => {
      await using site = await siteWithSnapshots(true)
      const { cloud, test } = site
      const before = [servers(cloud), cloud.state.volumes.size]
      const making = cloud.hold(step)
      const run = test.start(workflow, wanted)
      await site.reached(making, run)
      run.cancel()
      await run.until(({ message }) => message.includes("Task started 'servers.unmake'"))
      making.release()
      expect((await run.done).status).to.equal('cancelled')
      expect([servers(cloud), cloud.state.volumes.size]).to.deep.equal(before)
    })
  }
})

// Claim: restore_inplace_snapshot puts a server back to a snapshot without losing anything: it keeps its addresses, what its disk
// held before is kept, it does in the end what it did before, and one on a volume is there until another runs in its place.
import { expect } from 'chai'
import type { Json } from '../../src/kernel/json.ts'
import type { FakeOpenstack } from '../support/openstack/fake-openstack.ts'
import type { FakeServer } from '../support/openstack/model/server.ts'
import { scheduledSite, type ScheduledSite } from '../support/openstack/scheduled-site.ts'

const workflow = 'restore_inplace_snapshot'
const wanted = { instance: 'web', date: '20261120' }

interface Site extends ScheduledSite {
  readonly server: FakeServer
}

/** One snapshot, then other pages. */
async function siteWithSnapshot(isFromVolume: boolean, nodes = ''): Promise<Site> {
  const site = await scheduledSite({ nodes })
  const { cloud } = site
  const server = cloud.addServer({
    name: 'web',
    isFromVolume,
    content: 'good pages',
    metadata: { role: 'front' },
    volumes: [{ name: 'data', content: 'data' }],
  })
  connect(cloud, server)
  site.at('2026-11-20T05:00Z')
  await site.succeed('instance_snapshot', { instance: 'web', wait: true })
  server.write('bad pages')
  site.at('2026-11-21T05:00Z')
  return { ...site, server }
}

function connect(cloud: FakeOpenstack, server: FakeServer): void {
  const network = cloud.addThing('networks', { id: 'net-1', name: 'inner', 'router:external': false })
  cloud.addThing('subnets', { id: 'subnet-1', network_id: network.id, cidr: '10.1.0.0/24' })
  cloud.addThing('keypairs', { id: 'ada', name: 'ada' })
  const port = cloud.addThing('ports', {
    id: 'port-1',
    network_id: network.id,
    mac_address: 'fa:16:3e:00:00:07',
    fixed_ips: [{ subnet_id: 'subnet-1', ip_address: '10.1.0.7' }],
    security_groups: ['group-1'],
    device_id: server.id,
    device_owner: 'compute:nova',
  })
  server.ports.push(port.id)
  server.keyName = 'ada'
}

/** What is to be the same after it as before. */
const likeness = (cloud: FakeOpenstack): Readonly<Record<string, unknown>> => {
  const { ports, keyName, flavorId, zone, metadata, status } = cloud.server('web')
  const shown = ports.map((id): Json[] => {
    const {
      mac_address: mac = null,
      fixed_ips: ips = null,
      security_groups: groups = null,
    } = cloud.state.things('ports').get(id) as Record<string, Json>
    return [id, mac, ips, groups]
  })
  return { ports: shown, keyName, flavorId, zone, role: metadata['role'], status }
}

describe('restore_inplace_snapshot', function () {
  this.timeout(60_000)

  it('writes an image over the disk, and keeps what was there', async () => {
    await using site = await siteWithSnapshot(false)
    const { cloud, server } = site
    const before = likeness(cloud)
    const result = await site.succeed(workflow, wanted)
    expect(cloud.server('web').id).to.equal(server.id)
    expect(server.contents).to.deep.equal({ vda: 'good pages', vdb: 'data' })
    expect(likeness(cloud)).to.deep.equal(before)
    expect(result).to.include({ snapshot: 'web_snapshot_202611200500', before: 'web_before_restore_202611210500' })
    expect(cloud.image('web_before_restore_202611210500').content?.toString()).to.equal('bad pages')
    const writes = cloud.writes.map(({ name }) => name.replace(/^compute POST \/servers\/:id\/action /, ''))
    // The other is whole before this one is touched.
    expect(writes.filter((name) => ['createImage', 'os-stop', 'rebuild'].includes(name))).to.deep.equal([
      'createImage',
      'createImage',
      'os-stop',
      'rebuild',
    ])
  })

  it('goes back and forth: what was before can be restored as well', async () => {
    await using site = await siteWithSnapshot(false)
    await site.succeed(workflow, wanted)
    site.at('2026-11-22T05:00Z')
    await site.succeed(workflow, { ...wanted, date: '20261121', pattern: '{0}_before_restore_{1}' })
    expect(site.server.contents).to.include({ vda: 'bad pages' })
  })

  it('boots a server from a volume made of the snapshot, and keeps the volume it had', async () => {
    await using site = await siteWithSnapshot(true)
    const { cloud, server } = site
    const before = likeness(cloud)
    const root = cloud.volume('web-root')
    const deleting = cloud.hold('server:deleting', server.id)
    const run = site.test.start(workflow, wanted)
    await site.reached(deleting, run)
    // The one that is to go is still there, and the one in its place runs already.
    const successor = [...cloud.state.servers.values()].find(({ id }) => id !== server.id)
    expect([successor?.isRunning, successor?.contents['vda']]).to.deep.equal([true, 'good pages'])
    deleting.release()
    const { status, error, result } = await run.done
    expect(status, JSON.stringify(error)).to.equal('terminated')
    expect(likeness(cloud)).to.deep.equal(before)
    expect(cloud.server('web').contents).to.deep.equal({ vda: 'good pages', vdb: 'data' })
    expect(result).to.include({ instance_id: successor?.id, left_volume: root.id })
    expect(root.content).to.equal('bad pages')
  })

  it('goes on with the snapshots of the server that was replaced', async () => {
    await using site = await siteWithSnapshot(true)
    await site.succeed(workflow, wanted)
    for (const day of [22, 23]) {
      site.at(`2026-11-${day}T05:00Z`)
      await site.succeed('instance_snapshot', { instance: 'web', max_snapshots: 2, wait: true })
    }
    expect(site.copies()).to.deep.equal(['web_snapshot_202611220500', 'web_snapshot_202611230500'])
    site.at('2026-11-24T05:00Z')
    await site.succeed(workflow, { ...wanted, date: '20261122' })
    site.at('2026-11-25T05:00Z')
    await site.succeed('instance_snapshot', { instance: 'web', max_snapshots: 2, wait: true })
    expect(site.copies()).to.deep.equal(['web_snapshot_202611230500', 'web_snapshot_202611250500'])
  })

  it('tells the node of the blueprint which server it is now', async () => {
    const nodes = `  app: { type: cloudify.nodes.openstack.Server, properties: { client_config: *config, use_external_resource: true, resource_config: { name: web } } }\n`
    await using site = await siteWithSnapshot(true, nodes)
    await site.succeed('install', {})
    await site.succeed(workflow, { ...wanted, instance: 'app' })
    const instances = await site.test.fermata.nodeInstances.list('test')
    const known = instances.find(({ nodeId }) => nodeId === 'app')?.runtimeProperties['id']
    expect(known).to.equal(site.cloud.server('web').id)
    expect(known).to.not.equal(site.server.id)
  })

  for (const isFromVolume of [false, true]) {
    const kind = isFromVolume ? 'on a volume' : 'with its own disk'

    it(`leaves a server off that was off: ${kind}`, async () => {
      await using site = await siteWithSnapshot(isFromVolume)
      Object.assign(site.server, { vmState: 'stopped', powerState: 4 })
      await site.succeed(workflow, wanted)
      expect(site.cloud.server('web').status).to.equal('SHUTOFF')
      expect(site.cloud.server('web').contents).to.include({ vda: 'good pages' })
    })

    it(`is brought to its end when it is cancelled in the middle: ${kind}`, async () => {
      await using site = await siteWithSnapshot(isFromVolume)
      const { cloud, test } = site
      const before = likeness(cloud)
      const working = cloud.hold(isFromVolume ? 'server:spawning' : 'server:rebuild_spawning')
      const run = test.start(workflow, wanted)
      await site.reached(working, run)
      run.cancel()
      await run.until(({ message }) => message.includes('Chose'))
      working.release()
      const { status, error } = await run.done
      expect(status, JSON.stringify(error)).to.equal('terminated')
      expect(likeness(cloud)).to.deep.equal(before)
      expect(cloud.server('web').contents).to.deep.equal({ vda: 'good pages', vdb: 'data' })
    })

    it(`touches nothing when it is cancelled before: ${kind}`, async () => {
      await using site = await siteWithSnapshot(isFromVolume)
      const { cloud, test } = site
      const writes = cloud.writes.length
      const held = cloud.fail(/GET (.*images|.*snapshots.*)$/, { delay: 200 })
      const run = test.start(workflow, wanted)
      await run.until(({ message }) => message.includes("Task started 'servers.choose'"))
      run.cancel()
      expect((await run.done).status).to.equal('cancelled')
      held.remove()
      expect(cloud.writes.slice(writes)).to.deep.equal([])
      expect(site.server.contents).to.include({ vda: 'bad pages' })
    })

    it(`leaves the server running with all that it had when it fails: ${kind}`, async () => {
      await using site = await siteWithSnapshot(isFromVolume)
      const { cloud, server } = site
      const before = likeness(cloud)
      if (isFromVolume) cloud.break('server:spawning', { times: 9 })
      else cloud.fail('compute POST /servers/:id/action rebuild', { status: 403, times: 9 })
      const failed = await site.run(workflow, wanted, { taskRetries: 0 })
      expect(failed.status).to.equal('failed')
      expect(likeness(cloud)).to.deep.equal(before)
      expect([cloud.server('web').id, server.contents]).to.deep.equal([server.id, { vda: 'bad pages', vdb: 'data' }])
    })
  }
})

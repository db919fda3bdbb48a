// Claim: instance_snapshot takes one snapshot of the server that is meant, keeps as many as it is told, and deletes nothing but
// its own: by what it wrote on them, never by a name.
import { expect } from 'chai'
import { scheduledSite } from '../support/openstack/scheduled-site.ts'

const workflow = 'instance_snapshot'

describe('instance_snapshot', function () {
  this.timeout(60_000)

  it('takes an image of a server with a disk of its own', async () => {
    await using site = await scheduledSite()
    const server = site.cloud.addServer({ name: 'web', content: 'pages' })
    const result = await site.succeed(workflow, { instance: 'web', wait: true })
    expect(result).to.include({
      instance: 'web',
      instance_id: server.id,
      snapshot: 'web_snapshot_202611210500',
      kind: 'image',
    })
    const image = site.cloud.image('web_snapshot_202611210500')
    expect(image.id).to.equal(result['snapshot_id'])
    expect([image.status, image.content?.toString()]).to.deep.equal(['active', 'pages'])
  })

  it('takes a snapshot of the volume that a server boots from, and tells what it leaves out', async () => {
    await using site = await scheduledSite()
    site.cloud.addServer({ name: 'db', isFromVolume: true, content: 'tables', volumes: [{ name: 'data' }] })
    const done = await site.run(workflow, { instance: site.cloud.server('db').id, wait: true })
    expect(done.result).to.include({ kind: 'volume_snapshot', snapshot: 'db_snapshot_202611210500' })
    const snapshot = site.cloud.snapshot('db_snapshot_202611210500')
    expect([snapshot.volumeId, snapshot.content]).to.deep.equal([site.cloud.volume('db-root').id, 'tables'])
    expect(await site.texts(done)).to.include("'db_snapshot_202611210500' leaves out other volumes: /dev/vdb")
  })

  it('keeps the newest that are whole, and deletes the others', async () => {
    await using site = await scheduledSite()
    site.cloud.addServer({ name: 'web' })
    for (const day of [17, 18, 19, 20]) {
      site.at(`2026-11-${day}T05:00Z`)
      await site.succeed(workflow, { instance: 'web', max_snapshots: 2, wait: true })
    }
    expect(site.copies()).to.deep.equal(['web_snapshot_202611190500', 'web_snapshot_202611200500'])
  })

  it('keeps the newest snapshots of a volume as well', async () => {
    await using site = await scheduledSite()
    site.cloud.addServer({ name: 'db', isFromVolume: true })
    for (const day of [18, 19, 20]) {
      site.at(`2026-11-${day}T05:00Z`)
      await site.succeed(workflow, { instance: 'db', max_snapshots: 2, wait: true })
    }
    expect(site.copies()).to.deep.equal(['db_snapshot_202611190500', 'db_snapshot_202611200500'])
  })

  it('counts none that is not whole, and lets no old one go before the new one was read back', async () => {
    await using site = await scheduledSite()
    site.cloud.addServer({ name: 'web' })
    site.at('2026-11-19T05:00Z')
    await site.succeed(workflow, { instance: 'web', max_snapshots: 1, wait: true })
    const upload = site.cloud.hold('image:saving')
    site.at('2026-11-20T05:00Z')
    await site.succeed(workflow, { instance: 'web', max_snapshots: 1 })
    expect(site.copies()).to.deep.equal(['web_snapshot_202611190500', 'web_snapshot_202611200500'])
    upload.release()
    await site.cloud.idle()
    site.at('2026-11-21T05:00Z')
    site.cloud.break('image:saving')
    const failed = await site.run(workflow, { instance: 'web', max_snapshots: 1, wait: true })
    expect([failed.status, failed.error?.code]).to.deep.equal(['failed', 'openstack.error_state'])
    // What has failed is gone, and what was there before is all there.
    expect(site.copies()).to.deep.equal(['web_snapshot_202611190500', 'web_snapshot_202611200500'])
  })

  it('touches nothing of servers whose names look alike', async () => {
    await using site = await scheduledSite()
    const names = ['web', 'my-web', 'a.b', 'axb', 'web_snapshot_x']
    for (const name of names) site.cloud.addServer({ name })
    for (const day of [19, 20]) {
      site.at(`2026-11-${day}T05:00Z`)
      for (const instance of names) await site.succeed(workflow, { instance, wait: true })
    }
    site.at('2026-11-21T05:00Z')
    for (const instance of ['web', 'a.b']) await site.succeed(workflow, { instance, max_snapshots: 1, wait: true })
    expect(site.copies()).to.have.members([
      'web_snapshot_202611210500',
      'a.b_snapshot_202611210500',
      ...['my-web', 'axb', 'web_snapshot_x'].flatMap((name) => [
        `${name}_snapshot_202611190500`,
        `${name}_snapshot_202611200500`,
      ]),
    ])
  })

  it('touches nothing that another pattern or somebody else has made, whatever its name', async () => {
    await using site = await scheduledSite()
    const { cloud } = site
    const server = cloud.addServer({ name: 'web' })
    await site.succeed(workflow, { instance: 'web', pattern: '{0}_weekly_{1}', wait: true })
    const ofOthers = { instance_uuid: server.id, image_type: 'snapshot' }
    cloud.addImage('web_snapshot_202601010000', 'made by hand', ofOthers)
    const own = { instance: 'web', max_snapshots: 1, wait: true }
    for (const day of [22, 23]) {
      site.at(`2026-11-${day}T05:00Z`)
      await site.succeed(workflow, own)
    }
    expect(site.copies()).to.have.members([
      'web_weekly_202611210500',
      'web_snapshot_202601010000',
      'web_snapshot_202611230500',
    ])
  })

  it('takes no image for its own that merely inherited its marks', async () => {
    await using site = await scheduledSite()
    const { cloud } = site
    const server = cloud.addServer({ name: 'web' })
    await site.succeed(workflow, { instance: 'web', wait: true })
    const ours = cloud.image('web_snapshot_202611210500')
    // As of a server that was rebuilt from it.
    const inherited = cloud.addImage('kept by hand', 'x', { ...ours.properties, instance_uuid: server.id })
    site.at('2026-11-22T05:00Z')
    await site.succeed(workflow, { instance: 'web', max_snapshots: 1, wait: true })
    expect(site.copies()).to.have.members([inherited.name, 'web_snapshot_202611220500'])
  })

  it('asks which server is meant when there are two of a name, or none', async () => {
    await using site = await scheduledSite()
    site.cloud.addServer({ name: 'web' })
    site.cloud.addServer({ name: 'web' })
    expect((await site.run(workflow, { instance: 'web' })).error?.code).to.equal('openstack.ambiguous')
    expect((await site.run(workflow, { instance: 'we.' })).error?.code).to.equal('openstack.missing')
    expect(site.copies()).to.deep.equal([])
  })

  it('knows a server by its node as well', async () => {
    const nodes = `  app: { type: cloudify.nodes.openstack.Server, properties: { client_config: *config, use_external_resource: true, resource_config: { name: web } } }\n`
    await using site = await scheduledSite({ nodes })
    site.cloud.addServer({ name: 'web' })
    expect(await site.succeed(workflow, { instance: 'app', wait: true })).to.include({ instance: 'web' })
  })

  it('lets a protected image be, and does not count it', async () => {
    await using site = await scheduledSite()
    site.cloud.addServer({ name: 'web' })
    for (const day of [19, 20, 21]) {
      site.at(`2026-11-${day}T05:00Z`)
      await site.succeed(workflow, { instance: 'web', max_snapshots: 1, wait: true })
      if (day === 19) site.cloud.image('web_snapshot_202611190500').protected = true
    }
    expect(site.copies()).to.deep.equal(['web_snapshot_202611190500', 'web_snapshot_202611210500'])
  })

  it('works with a cloud of many years ago', async () => {
    await using site = await scheduledSite({ newest: { compute: 40, volume: 12 } })
    site.cloud.addServer({ name: 'web', content: 'pages' })
    site.cloud.addServer({ name: 'db', isFromVolume: true, content: 'tables' })
    for (const instance of ['web', 'db']) {
      for (const day of [19, 20]) {
        site.at(`2026-11-${day}T05:00Z`)
        await site.succeed(workflow, { instance, max_snapshots: 1, wait: true, instance_stop: true })
      }
      const clone = { instance, date: '20261120', clone_name: `${instance}-copy`, wait: true }
      await site.succeed('restore_clone_snapshot', clone)
    }
    expect(site.copies()).to.deep.equal(['web_snapshot_202611200500', 'db_snapshot_202611200500'])
    expect(site.cloud.server('web-copy').contents).to.deep.equal({ vda: 'pages' })
    expect(site.cloud.server('db-copy').contents).to.deep.equal({ vda: 'tables' })
  })

  it('is planned without a change in the cloud', async () => {
    await using site = await scheduledSite()
    const { cloud, test } = site
    cloud.addServer({ name: 'web' })
    const calls = {
      instance_snapshot: ['servers.find', 'servers.prune'],
      restore_clone_snapshot: ['servers.find', 'servers.choose', 'servers.plan_clone'],
      restore_inplace_snapshot: ['servers.find', 'servers.choose', 'servers.adopt'],
    }
    for (const [name, expected] of Object.entries(calls)) {
      const given = name === workflow ? { max_snapshots: 2 } : { date: '20261120' }
      const clone = name === 'restore_clone_snapshot' ? { clone_name: 'copy' } : {}
      const plan = await test.fermata.executions.plan({
        workflow: name,
        deploymentId: 'test',
        parameters: { instance: 'web', ...given, ...clone },
      })
      expect(plan.problems.map(({ severity, code }) => `${severity} ${code}`)).to.deep.equal([
        'warning plan.unknown_step',
      ])
      for (const one of expected) expect(JSON.stringify(plan), name).to.include(one)
    }
    expect(cloud.writes).to.deep.equal([])
  })
})

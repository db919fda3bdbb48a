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
})

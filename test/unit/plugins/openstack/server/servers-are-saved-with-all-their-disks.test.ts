// A server is saved while its guest goes on: every disk of it at one instant, each copy read back, none that Nova rotates
// away, and none left when something fails.
import { expect } from 'chai'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import type { ServerCopy } from '../../../../../src/plugins/openstack/server/copy.ts'
import { eventually } from '../../../../support/cli.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../../support/openstack/fake-openstack.ts'
import type { FakeServer } from '../../../../support/openstack/model/server.ts'
import { serverNode, type CloudNode } from '../../../../support/openstack/cloud-node.ts'

describe('OpenStack: saving a server', () => {
  let cloud: FakeOpenstack
  let server: FakeServer
  let node: CloudNode
  beforeEach(async () => {
    cloud = await fakeOpenstack()
    server = cloud.addServer({ name: 'web', content: 'root', volumes: [{ name: 'data', content: 'data' }] })
    node = serverNode(cloud, server.id)
  })
  afterEach(async () => {
    await node.cleanUp()
    await closeSharedClouds()
    await cloud.close()
  })
  const own = () => [...cloud.state.images.values()].filter(({ name }) => name !== 'cirros')
  const copies = () => [...own(), ...cloud.state.snapshots.values(), ...cloud.state.backups.values()]

  it('lets the guest go on when its disk is captured, long before the image is there', async () => {
    const held = cloud.hold('server:image_uploading')
    const receipt = (await node.cut('nightly', 'snapshot')) as ServerCopy
    await held.reached
    expect(cloud.image(receipt.imageId ?? '').status).to.equal('saving')
    server.write('later')
    server.write('later', 'vdb')
    held.release()
    const part = await node.settle('nightly', 'snapshot', receipt)
    expect(cloud.image(part.providerId).content?.toString()).to.equal('root')
    expect([...cloud.state.snapshots.values()].map(({ content }) => content)).to.deep.equal(['data'])
    expect(part.digest).to.match(/^sha512:[0-9a-f]{128}$/)
    expect(part.bytes).to.equal(4 + 1024 ** 3)
  })

  it('is not cut before the disk is captured, whichever of its states Nova is in', async () => {
    for (const step of ['server:image_snapshot_pending', 'server:image_snapshot']) {
      const held = cloud.hold(step)
      let isCut = false
      const cut = node.cut(step, 'snapshot').then((receipt) => {
        isCut = true
        return receipt
      })
      await held.reached
      expect([step, isCut]).to.deep.equal([step, false])
      held.release()
      await node.settle(step, 'snapshot', await cut)
    }
  })

  it('makes a second backup of another name, and none of them makes Nova delete one', async () => {
    await node.save('monday', 'backup')
    await node.save('tuesday', 'backup')
    await cloud.idle()
    expect(own().map(({ name }) => name)).to.have.members([
      `vm-${server.id}-monday-backup`,
      `vm-${server.id}-tuesday-backup`,
    ])
    expect(cloud.state.backups.size).to.equal(2)
    expect(cloud.count(/createBackup/)).to.equal(0)
  })

  it('writes the type of the backup and its mark on everything it makes', async () => {
    await node.save('nightly', 'snapshot')
    const [image] = own()
    expect(image?.properties).to.include({ fermata_type: 'daily', fermata_backup: 'nightly', instance_uuid: server.id })
    const [snapshot] = cloud.state.snapshots.values()
    expect(snapshot?.metadata).to.include({ fermata_backup: 'nightly' })
    expect(snapshot?.description).to.equal('daily')
  })

  it('saves one that boots from a volume by copies of its volumes, and leaves no empty image', async () => {
    const booted = cloud.addServer({ name: 'db', isFromVolume: true, content: 'boot', volumes: [{ name: 'more' }] })
    const other = serverNode(cloud, booted.id)
    const snapshot = (await other.save('nightly', 'snapshot')) as unknown as ServerCopy
    const backup = (await other.save('weekly', 'backup')) as unknown as ServerCopy
    expect([snapshot.imageId, own()]).to.deep.equal([null, []])
    expect(snapshot.volumes.map(({ isRoot, device }) => [isRoot, device])).to.deep.equal([
      [true, '/dev/vda'],
      [false, '/dev/vdb'],
    ])
    expect([cloud.state.snapshots.size, cloud.state.backups.size]).to.deep.equal([2, 2])
    expect(cloud.backup(backup.providerId).content).to.equal('boot')
    await other.cleanUp()
  })

  it('takes volumes of one group at one instant', async () => {
    const groupTypes = [...cloud.state.things('group_types').values()]
    cloud.state.groups.set('together', {
      id: 'together',
      name: 'together',
      description: null,
      status: 'available',
      groupType: groupTypes[0]?.id ?? '',
      volumeTypes: ['__DEFAULT__'],
      createdAt: '2026-11-21T03:02:36.004420',
      serial: 1,
    })
    const two = cloud.addServer({ name: 'db', volumes: [{ name: 'one' }, { name: 'two' }] })
    for (const name of ['one', 'two']) cloud.volume(name).groupId = 'together'
    const other = serverNode(cloud, two.id)
    const part = await other.save('nightly', 'snapshot')
    expect([cloud.count('volume POST /group_snapshots'), cloud.count('volume POST /snapshots')]).to.deep.equal([1, 0])
    await other.remove(part)
    expect(copies()).to.deep.equal([])
    await other.cleanUp()
  })

  it('says that a guest stood still when Nova makes sure of that, and only then', async () => {
    expect((await node.cut('plain', 'snapshot')).consistency).to.equal(undefined)
    const quiet = cloud.addImage('quiet', 'root', { hw_qemu_guest_agent: 'yes', os_require_quiesce: 'yes' })
    for (const [volumes, consistency] of [
      [[], 'filesystem'],
      [[{ name: 'beside' }], undefined],
    ] as const) {
      const agent = cloud.addServer({ name: `agent-${volumes.length}`, volumes })
      agent.imageId = quiet.id
      agent.imageProperties = { ...quiet.properties }
      const other = serverNode(cloud, agent.id)
      expect((await other.cut('quiet', 'snapshot')).consistency).to.equal(consistency)
      await other.cleanUp()
    }
  })

  it('fails with the reason when Nova cannot capture the disk, and says that something may be there', async () => {
    cloud.break('server:image_snapshot', { reason: 'no space on the hypervisor' })
    const problem = await faultOf(node.cut('nightly', 'snapshot'))
    expect([problem.code, problem.effect !== 'none']).to.deep.equal(['openstack.error_state', true])
    expect(problem.message).to.include('no space on the hypervisor')
    await node.call('snapshot_delete', { work: 'nightly' })
    expect(copies()).to.deep.equal([])
    expect(server.isRunning).to.equal(true)
  })

  it('does not take an image that never leaves saving for one that is there', async () => {
    cloud.stop('image')
    const receipt = await node.cut('nightly', 'snapshot', { inputs: {} })
    const controller = new AbortController()
    const settled = faultOrReason(node.settle('nightly', 'snapshot', receipt, { signal: controller.signal }))
    await eventually('Nova saves it', () => own()[0]?.status === 'saving')
    controller.abort(new Error('enough'))
    expect(await settled).to.equal('enough')
    // Nova gives up what it uploads when its image is gone.
    cloud.start('image')
    await node.remove(receipt as never, { work: 'nightly' })
    expect(copies()).to.deep.equal([])
  })

  it('tells a refused image as something that may have happened, for its volumes were saved before', async () => {
    cloud.fail(/createImage/, { status: 400 })
    const problem = await faultOf(node.cut('nightly', 'snapshot'))
    expect([problem.code, problem.effect]).to.deep.equal(['openstack.bad_request', 'unknown'])
    expect(copies()).to.not.deep.equal([])
    await node.call('snapshot_delete', { work: 'nightly' })
    expect(copies()).to.deep.equal([])
  })

  it('makes a snapshot anew that failed because Nova was at something else with its server', async () => {
    cloud.break('snapshot:creating')
    const receipt = await node.cut('nightly', 'snapshot')
    await node.settle('nightly', 'snapshot', receipt)
    expect([...cloud.state.snapshots.values()].map(({ status }) => status)).to.deep.equal(['available'])
  })

  it('deletes snapshots of its volumes when Nova is at nothing else with it', async () => {
    const receipt = await node.cut('nightly', 'snapshot')
    const part = await node.settle('nightly', 'snapshot', receipt)
    const held = cloud.hold('server:image_uploading')
    await node.cut('other', 'snapshot')
    const deleting = node.call('snapshot_delete', { part })
    await held.reached
    expect(cloud.count('volume DELETE /snapshots/:id')).to.equal(0)
    held.release()
    await deleting
    expect(cloud.count('volume DELETE /snapshots/:id')).to.be.greaterThan(0)
  })

  it('makes one image although the answer was lost, also for who died before he could look', async () => {
    for (const trouble of [{ drop: 'after' } as const, { status: 500, afterEffect: true }]) {
      const planted = cloud.fail(/createImage/, trouble)
      const receipt = await node.cut('nightly', 'snapshot')
      expect([planted.hits, own().length]).to.deep.equal([1, 1])
      const again = await node.cut('nightly', 'snapshot', { isAgain: true })
      expect(again.providerId).to.equal(receipt.providerId)
      await node.settle('nightly', 'snapshot', again, { isAgain: true })
      expect(copies()).to.have.length(2)
      await node.call('snapshot_delete', { work: 'nightly' })
      expect(copies()).to.deep.equal([])
    }
  })

  it('is put back and deleted by what is on record, never by a name that others use, too', async () => {
    const part = await node.save('nightly', 'snapshot')
    const { name } = cloud.image(part.providerId)
    const foreign = cloud.addImage(name ?? '', 'foreign', { instance_uuid: server.id, image_type: 'snapshot' })
    foreign.visibility = 'public'
    const [data] = cloud.state.snapshots.values()
    server.write('changed')
    await node.apply(part)
    expect(server.contents).to.deep.equal({ vda: 'root', vdb: 'data' })
    await node.remove(part)
    await node.remove(part, { isAgain: true })
    expect(copies().map(({ id }) => id)).to.deep.equal([foreign.id])
    expect(data?.name).to.include(cloud.volume('data').id)
  })

  it('deletes also an image that came to nothing', async () => {
    for (const status of ['queued', 'killed'] as const) {
      const part = await node.save(status, 'snapshot')
      cloud.image(part.providerId).status = status
      await node.remove(part)
      expect(copies()).to.deep.equal([])
    }
  })

  it('reads the id of an old cloud from an address with a slash too many', async () => {
    cloud.state.newest.compute = 44
    const part = await node.save('nightly', 'snapshot')
    expect(cloud.image(part.providerId).status).to.equal('active')
  })

  it('refuses one in ERROR before anybody is frozen for it', async () => {
    server.vmState = 'error'
    expect((await faultOf(node.check() ?? Promise.resolve())).code).to.equal('openstack.cannot')
  })
})

async function faultOrReason(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'it ended well',
    (thrown: unknown) => (thrown as Error).message,
  )
}

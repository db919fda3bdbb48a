// A volume is saved while a server writes to it: what a copy holds is one instant of it, and the copy is there when it is told.
import { expect } from 'chai'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../../support/openstack/fake-openstack.ts'
import type { FakeServer } from '../../../../support/openstack/model/server.ts'
import { volumeNode, type CloudNode } from '../../../../support/openstack/cloud-node.ts'

describe('OpenStack: saving a volume that is in use', () => {
  let cloud: FakeOpenstack
  let server: FakeServer
  let node: CloudNode
  beforeEach(async () => {
    cloud = await fakeOpenstack()
    server = cloud.addServer({ name: 'web', volumes: [{ name: 'data', content: 'one' }] })
    node = volumeNode(cloud, cloud.volume('data').id)
  })
  afterEach(async () => {
    await node.cleanUp()
    await closeSharedClouds()
    await cloud.close()
  })
  const backupsIn = (status: string) => [...cloud.state.backups.values()].filter((one) => one.status === status)

  it('backs it up as it was at the cut, whatever is written while it is copied, and leaves no snapshot', async () => {
    const receipt = await node.cut('nightly', 'backup')
    server.write('two', 'vdb')
    const part = await node.settle('nightly', 'backup', receipt)
    expect(cloud.backup(part.providerId)).to.include({ content: 'one', status: 'available', description: 'daily' })
    expect(cloud.state.snapshots.size).to.equal(0)
    expect(cloud.volume('data')).to.include({ status: 'in-use', content: 'two' })
    expect(part.bytes).to.equal(1024 ** 3)
  })

  it('takes a snapshot that is there when the cut is over', async () => {
    const held = cloud.hold('snapshot:creating')
    let isCut = false
    const cut = node.cut('nightly', 'snapshot').then((receipt) => {
      isCut = true
      return receipt
    })
    await held.reached
    expect(isCut).to.equal(false)
    held.release()
    const receipt = await cut
    server.write('two', 'vdb')
    expect(cloud.snapshot(receipt.providerId)).to.include({ content: 'one', status: 'available', description: 'daily' })
  })

  it('copies the volume itself when it is to, and lets nobody write before it is copied', async () => {
    const direct = volumeNode(cloud, cloud.volume('data').id, { backup_source: 'volume' })
    const held = cloud.hold('backup:creating')
    let isCut = false
    const cut = direct.cut('nightly', 'backup').then((receipt) => {
      isCut = true
      return receipt
    })
    await held.reached
    expect(isCut).to.equal(false)
    held.release()
    const receipt = await cut
    expect(cloud.backup(receipt.providerId)).to.include({ content: 'one', status: 'available', snapshotId: null })
    expect(cloud.count('volume POST /snapshots')).to.equal(0)
    await direct.cleanUp()
  })

  it('is not over before the backup is there', async () => {
    const receipt = await node.cut('nightly', 'backup')
    const held = cloud.hold('backup:creating')
    let isSettled = false
    const settled = node.settle('nightly', 'backup', receipt).then(() => {
      isSettled = true
    })
    await held.reached
    expect([isSettled, backupsIn('creating').length]).to.deep.equal([false, 1])
    held.release()
    await settled
    expect(backupsIn('available')).to.have.length(1)
  })

  it('says why a backup went wrong, and what there is of it can be taken back', async () => {
    const receipt = await node.cut('nightly', 'backup')
    cloud.break('backup:creating', { reason: 'the object store is full' })
    const problem = await faultOf(node.settle('nightly', 'backup', receipt))
    expect([problem.code, problem.effect, problem.blame]).to.deep.equal(['openstack.error_state', 'done', 'provider'])
    expect(problem.message).to.contain('the object store is full')
    await node.call('snapshot_delete', { work: 'nightly', part: receipt })
    expect([cloud.state.snapshots.size, cloud.state.backups.size]).to.deep.equal([0, 0])
  })

  it('says that nobody makes backups, and goes on with the same one when somebody does', async () => {
    const hasty = volumeNode(cloud, cloud.volume('data').id, { copy_timeout: 1 })
    const receipt = await hasty.cut('nightly', 'backup')
    cloud.stop('backup')
    const problem = await faultOf(hasty.settle('nightly', 'backup', receipt))
    expect([problem.code, problem.effect, problem.retry]).to.deep.equal(['openstack.not_reached', 'unknown', 'later'])
    expect(problem.message).to.contain('creating')
    cloud.start('backup')
    const part = await node.settle('nightly', 'backup', receipt, { isAgain: true })
    expect([...cloud.state.backups.keys()]).to.deep.equal([part.providerId])
    await hasty.cleanUp()
  })

  it('finds what it made again when the answer is lost', async () => {
    for (const [call, kind] of [
      ['volume POST /snapshots', 'snapshot'],
      ['volume POST /backups', 'backup'],
    ] as const) {
      for (const trouble of [{ status: 500, afterEffect: true }, { drop: 'after' } as const]) {
        cloud.fail(call, trouble)
        const part = await node.save(`lost ${call} ${JSON.stringify(trouble)}`, kind)
        const made = kind === 'snapshot' ? cloud.state.snapshots : cloud.state.backups
        expect([...made.keys()], call).to.deep.equal([part.providerId])
        await node.remove(part)
      }
    }
  })

  it('knows its backups also in a cloud that gives them no metadata', async () => {
    cloud.state.newest.volume = 42
    const receipt = await node.cut('nightly', 'backup')
    cloud.fail('volume POST /backups', { drop: 'after' })
    const part = await node.settle('nightly', 'backup', receipt)
    expect([...cloud.state.backups.keys()]).to.deep.equal([part.providerId])
    expect(cloud.backup(part.providerId).description).to.match(/^daily \(fermata-[0-9a-f]{40}\)$/)
    await node.call('snapshot_delete', { work: 'nightly' })
    expect(cloud.state.backups.size).to.equal(0)
  })

  it('leaves the volume that a server boots from to that server', async () => {
    const booted = cloud.addServer({ name: 'db', isFromVolume: true })
    const root = volumeNode(cloud, booted.rootVolume?.id ?? '')
    const part = await root.save('nightly', 'backup')
    expect(part['coveredBy']).to.equal(booted.id)
    expect([cloud.state.snapshots.size, cloud.state.backups.size]).to.deep.equal([0, 0])
    expect(root.lines.join('\n')).to.contain('it is saved with that, not here')
    await root.apply(part)
    await root.remove(part)
    expect(booted.status).to.equal('ACTIVE')
    await root.cleanUp()
  })

  it('refuses beforehand what cannot be copied', async () => {
    cloud.volume('data').status = 'error_restoring'
    expect((await faultOf(node.check() ?? Promise.resolve())).code).to.equal('openstack.cannot')
    expect(cloud.writes).to.deep.equal([])
  })
})

// Copies of volumes are deleted by the ids on record: never all of a volume, never one of the same name, and not what others
// rest on.
import { expect } from 'chai'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import { eventually } from '../../../../support/cli.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../../support/openstack/fake-openstack.ts'
import { volumeNode, type CopyKind, type CloudNode } from '../../../../support/openstack/cloud-node.ts'

describe('OpenStack: deleting copies of a volume', () => {
  let cloud: FakeOpenstack
  let node: CloudNode
  beforeEach(async () => {
    cloud = await fakeOpenstack()
    node = volumeNode(cloud, cloud.addVolume({ name: 'data', content: 'one' }).id)
  })
  afterEach(async () => {
    await node.cleanUp()
    await closeSharedClouds()
    await cloud.close()
  })
  const copies = (): readonly string[] => [...cloud.state.snapshots.keys(), ...cloud.state.backups.keys()]

  for (const kind of ['snapshot', 'backup'] as const satisfies readonly CopyKind[]) {
    it(`leaves every other ${kind} of the same volume, and those that bear the same name`, async () => {
      const first = await node.save('nightly', kind)
      const second = await node.save('weekly', kind)
      const other = volumeNode(cloud, cloud.addVolume({ name: 'other' }).id)
      const third = await other.save('nightly', kind)
      // Somebody gave theirs the very name of ours.
      const namesake = await node.save('namesake', kind)
      const stolen = kind === 'snapshot' ? cloud.state.snapshots : cloud.state.backups
      const mine = stolen.get(first.providerId)
      const theirs = stolen.get(namesake.providerId)
      if (mine && theirs) theirs.name = mine.name
      await node.remove(first)
      expect(copies()).to.have.members([second, third, namesake].map(({ providerId }) => providerId))
      await other.cleanUp()
    })

    it(`takes a ${kind} that went wrong with it, and one that is gone for deleted`, async () => {
      const part = await node.save('nightly', kind)
      const thing = kind === 'snapshot' ? cloud.snapshot(part.providerId) : cloud.backup(part.providerId)
      thing.status = 'error'
      await node.remove(part)
      expect(copies()).to.deep.equal([])
      await node.remove(part, { isAgain: true })
    })

    it(`resolves only when the ${kind} is gone, and says so when it cannot be deleted`, async () => {
      const part = await node.save('nightly', kind)
      const held = cloud.hold(`${kind}:deleting`)
      let isDone = false
      const deletion = node.remove(part).then(() => {
        isDone = true
      })
      await held.reached
      expect([isDone, copies()]).to.deep.equal([false, [part.providerId]])
      held.release()
      await deletion
      expect(copies()).to.deep.equal([])
      const second = await node.save('weekly', kind)
      cloud.break(`${kind}:deleting`)
      const problem = await faultOf(node.remove(second))
      expect(problem.code).to.equal('openstack.error_state')
      expect(problem.message).to.contain('error_deleting')
    })
  }

  it('refuses a backup that an incremental one rests on, until that is gone', async () => {
    const chained = volumeNode(cloud, cloud.volume('data').id, { backup_chain: 'incremental' })
    const full = await chained.save('full', 'backup')
    const incremental = await chained.save('incremental', 'backup')
    expect(incremental['parentId']).to.equal(full.providerId)
    const problem = await faultOf(chained.remove(full))
    expect([problem.code, problem.effect]).to.deep.equal(['openstack.copy_needed', 'none'])
    expect(copies()).to.have.members([full.providerId, incremental.providerId])
    await chained.remove(incremental)
    await chained.remove(full)
    expect(copies()).to.deep.equal([])
    await chained.cleanUp()
  })

  it('gives back a snapshot that the backup service forgot when it died', async () => {
    const part = await node.save('nightly', 'snapshot')
    cloud.snapshot(part.providerId).status = 'backing-up'
    await node.remove(part)
    expect(copies()).to.deep.equal([])
  })

  it('waits for a backup that is made of a snapshot', async () => {
    const part = await node.save('nightly', 'snapshot')
    const backup = cloud.backup((await node.save('weekly', 'backup')).providerId)
    Object.assign(backup, { status: 'creating', snapshotId: part.providerId })
    cloud.snapshot(part.providerId).status = 'backing-up'
    const deletion = node.remove(part)
    const asked = (): number => cloud.calls.filter(({ path }) => path.includes('/backups/detail')).length
    await eventually('it was looked for several times', () => asked() > 8)
    expect(cloud.snapshot(part.providerId).status).to.equal('backing-up')
    for (const thing of [backup, cloud.snapshot(part.providerId)]) thing.status = 'available'
    await deletion
    expect(cloud.writes.filter(({ path }) => path.endsWith('/action'))).to.deep.equal([])
    expect(copies()).to.deep.equal([backup.id])
  })

  it('says what an administrator can do where users may not give it back', async () => {
    await using plain = await fakeOpenstack({ isAdmin: false })
    const mine = volumeNode(plain, plain.addVolume({ name: 'data' }).id)
    const part = await mine.save('nightly', 'snapshot')
    plain.snapshot(part.providerId).status = 'backing-up'
    const problem = await faultOf(mine.remove(part))
    expect(problem.code).to.equal('openstack.error_state')
    expect(problem.message).to.contain(`cinder snapshot-reset-state --state available ${part.providerId}`)
    await mine.cleanUp()
  })

  it('does nothing by a name alone', async () => {
    const part = await node.save('nightly', 'snapshot')
    await node.call('snapshot_delete', { work: 'somebody else', inputs: { snapshot_name: 'nightly' } })
    expect(copies()).to.deep.equal([part.providerId])
  })
})

// Volumes of a group are copied at one instant, which single snapshots one after the other are not; those of others stay out
// of it.
import { expect } from 'chai'
import { closeSharedClouds, cloudOf } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import type { Cloud } from '../../../../../src/plugins/openstack/client/cloud.ts'
import { deleteCopies, undoVolumes } from '../../../../../src/plugins/openstack/volume/delete.ts'
import { checkCopy, cutVolumes, settleVolumes } from '../../../../../src/plugins/openstack/volume/save.ts'
import { workOf, type VolumeWork } from '../../../../../src/plugins/openstack/volume/work.ts'
import { operationContext, type TestContext } from '../../../../support/operation-context.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../../support/openstack/fake-openstack.ts'
import { shortWorld } from '../../../../support/openstack/node-on-fake.ts'

const asking = 'volume POST /group_snapshots'

describe('OpenStack: copies of several volumes', () => {
  let fake: FakeOpenstack
  let cloud: Cloud
  const contexts: TestContext[] = []
  beforeEach(async () => {
    fake = await fakeOpenstack()
    fake.addServer({ name: 'db', volumes: ['data', 'log'].map((name) => ({ name, content: `${name} 1` })) })
    const group = { id: fake.state.id(), name: 'db', description: null, status: 'available', volumeTypes: [] }
    const groupType = [...fake.state.things('group_types').keys()][0] ?? ''
    const made = { createdAt: fake.state.micros(), serial: fake.state.serial() }
    fake.state.groups.set(group.id, { ...group, groupType, ...made })
    for (const name of ['data', 'log']) fake.volume(name).groupId = group.id
    await work('begin')
  })
  afterEach(async () => {
    for (const ctx of contexts.splice(0)) await ctx.cleanUp()
    await closeSharedClouds()
    await fake.close()
  })
  async function work(key: string, isAgain = false): Promise<VolumeWork> {
    const ctx = operationContext({ world: shortWorld(), operation: { key, inDoubt: isAgain } })
    contexts.push(ctx)
    cloud = await cloudOf(ctx, { clientConfig: fake.clientConfig })
    return workOf(ctx, cloud)
  }
  const ids = () => ['data', 'log'].map((name) => fake.volume(name).id)
  const options = (kind: 'snapshot' | 'backup') => ({ kind, nameOf: (id: string) => `of ${id}`, description: 'daily' })
  const copies = () => [fake.state.snapshots.size, fake.state.groupSnapshots.size, fake.state.backups.size]
  const write = (text: string): void => {
    for (const [index, name] of ['data', 'log'].entries()) {
      fake.server('db').write(`${name} ${text}`, ['vdb', 'vdc'][index])
    }
  }

  it('are of one instant where the volumes are one group', async () => {
    const held = fake.hold('group_snapshot:creating')
    const cut = cutVolumes(await work('one'), ids(), options('snapshot'))
    await held.reached
    write('2')
    held.release()
    const made = await cut
    write('3')
    expect(made.map(({ snapshotId }) => fake.snapshot(snapshotId ?? '').content)).to.deep.equal(['data 2', 'log 2'])
    expect([fake.count(asking), fake.count('volume POST /snapshots')]).to.deep.equal([1, 0])
    for (const copy of made) expect((await checkCopy(cloud, copy)).isUsable).to.equal(true)
    await deleteCopies(cloud, made)
    expect(copies()).to.deep.equal([0, 0, 0])
  })

  it('are backed up from that instant, and leave nothing else behind', async () => {
    const one = await work('one')
    const cut = await cutVolumes(one, ids(), options('backup'))
    write('2')
    const made = await settleVolumes(one, cut)
    expect(made.map(({ backupId }) => fake.backup(backupId ?? '').content)).to.deep.equal(['data 1', 'log 1'])
    expect(copies()).to.deep.equal([0, 0, 2])
  })

  it('are made once, and taken back by the key of the work, when the answer is lost', async () => {
    for (const trouble of [{ drop: 'after' } as const, { status: 500, afterEffect: true }]) {
      fake.fail(asking, trouble)
      const first = await cutVolumes(await work('one'), ids(), options('snapshot'))
      const again = await cutVolumes(await work('one', true), ids(), options('snapshot'))
      expect(again).to.deep.equal(first)
      expect(copies()).to.deep.equal([2, 1, 0])
      await undoVolumes(await work('another'), ids())
      expect(copies()).to.deep.equal([2, 1, 0])
      await undoVolumes(await work('one'), ids())
      expect(copies()).to.deep.equal([0, 0, 0])
    }
  })

  it('are made one by one where somebody else has a volume in the group, or it has no one instant', async () => {
    fake.addVolume({ name: 'theirs' }).groupId = fake.volume('data').groupId
    const made = await cutVolumes(await work('one'), ids(), options('snapshot'))
    expect(made.map(({ groupSnapshotId }) => groupSnapshotId)).to.deep.equal([null, null])
    fake.state.volumes.delete(fake.volume('theirs').id)
    for (const type of fake.state.things('group_types').values()) type['group_specs'] = {}
    await cutVolumes(await work('two'), ids(), options('snapshot'))
    expect(copies()).to.deep.equal([4, 0, 0])
  })

  it('say that some may be there when one of them fails', async () => {
    for (const name of ['data', 'log']) fake.volume(name).groupId = null
    fake.state.quotas.snapshots = 1
    const one = await work('one')
    const thrown: unknown = await cutVolumes(one, ids(), options('snapshot')).catch((problem: unknown) => problem)
    expect(thrown).to.include({ code: 'openstack.quota', effect: 'unknown' })
    await undoVolumes(one, ids())
    expect(copies()).to.deep.equal([0, 0, 0])
  })
})

// Claim: an instance and its disks get back what was saved, under the device names and with the power that they had, and
// whatever fails on the way leaves the old disks in their place and nothing of the new.
import { expect } from 'chai'
import { closeSharedProjects } from '../../../../../src/plugins/gcp/client/shared-projects.ts'
import { eventually } from '../../../../support/cli.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { fakeGcp, type FakeGcp } from '../../../../../src/testing/gcp/fake-gcp.ts'
import { diskNode, GcpNode, instanceNode } from '../../../../support/gcp/gcp-node.ts'

describe('restores of GCP instances', () => {
  let cloud: FakeGcp
  let node: GcpNode
  beforeEach(async () => {
    cloud = await fakeGcp()
    cloud.addInstance({
      name: 'web',
      content: 'root',
      disks: [{ name: 'data', content: 'data', deviceName: 'storage', labels: { team: 'shop' } }],
    })
    node = instanceNode(cloud, 'web')
  })
  afterEach(async () => {
    await node.cleanUp()
    await closeSharedProjects()
    await cloud.close()
  })

  const spoil = (): void => {
    for (const device of Object.keys(cloud.contents('web'))) cloud.write('web', 'spoilt', device)
  }
  const whole = { boot: 'root', storage: 'data' }
  const seats = (): unknown =>
    cloud.instance('web').disks.map(({ deviceName, boot, autoDelete }) => ({ deviceName, boot, autoDelete }))

  for (const [kind, isIncremental] of [
    ['snapshots', true],
    ['a machine image', false],
  ] as const) {
    for (const status of ['RUNNING', 'TERMINATED', 'SUSPENDED'] as const) {
      it(`out of ${kind} keep what the instance was: ${status}`, async () => {
        const part = await node.save('it', { snapshot_incremental: isIncremental })
        const before = seats()
        spoil()
        cloud.instance('web').status = status
        await node.apply(part)
        expect(cloud.contents('web')).to.deep.equal(whole)
        expect(seats()).to.deep.equal(before)
        expect(cloud.instance('web').status).to.equal(status)
        expect(cloud.state.disks.size, 'no disk is left over').to.equal(2)
        const data = cloud.instance('web').disks.find(({ deviceName }) => deviceName === 'storage')
        expect(cloud.disk(data?.disk ?? '').labels).to.include({ team: 'shop' })
      })
    }

    for (const [what, plan] of Object.entries({
      'a new disk cannot be made': (one: FakeGcp) =>
        one.break('disk:creating', { nth: 2, reason: 'QUOTA_EXCEEDED: full' }),
      'the instance cannot be stopped': (one: FakeGcp) => one.break('instance:stopping'),
      'a new disk cannot be attached': (one: FakeGcp) => one.break('disk:attaching', { nth: 2 }),
      'an old disk cannot be taken off': (one: FakeGcp) => one.break('disk:detaching', { nth: 2 }),
    })) {
      it(`out of ${kind} that fail leave all as it was: ${what}`, async () => {
        const part = await node.save('it', { snapshot_incremental: isIncremental })
        const before = seats()
        const disks = cloud.instance('web').disks.map(({ disk }) => disk)
        spoil()
        plan(cloud)
        await faultOf(node.apply(part))
        expect(cloud.contents('web')).to.deep.equal({ boot: 'spoilt', storage: 'spoilt' })
        expect(seats()).to.have.deep.members(before as object[])
        expect(cloud.instance('web').disks.map(({ disk }) => disk)).to.have.members(disks)
        expect(cloud.instance('web').status).to.equal('RUNNING')
        expect([...cloud.state.disks.values()].map(({ name }) => name)).to.have.members(disks)
        await node.apply(part, { isAgain: true })
        expect(cloud.contents('web')).to.deep.equal(whole)
        expect(cloud.state.disks.size).to.equal(2)
      })
    }
  }

  it('are done although answers are lost', async () => {
    const part = await node.save('it')
    spoil()
    for (const call of ['attachDisk', 'detachDisk', 'stop', 'start']) {
      cloud.fail(`POST /zones/:zone/instances/:name/${call}`, { drop: 'after' })
    }
    await node.apply(part).catch(() => node.apply(part, { isAgain: true }))
    expect(cloud.contents('web')).to.deep.equal(whole)
    expect([cloud.instance('web').status, cloud.state.disks.size]).to.deep.equal(['RUNNING', 2])
  })

  it('wait for what was asked for without an answer before they put the old disks back', async () => {
    const part = await node.save('it')
    const before = seats()
    spoil()
    const waits = 'POST /zones/:zone/operations/:name/wait'
    const held = cloud.hold('disk:detaching')
    cloud.fail('POST /zones/:zone/instances/:name/detachDisk', { drop: 'after' })
    const failing = faultOf(node.apply(part))
    await held.reached
    const count = cloud.count(waits)
    await eventually('it looks for what is under way', () => cloud.count(waits) > count)
    held.release()
    expect((await failing).code).to.equal('gcp.connection_lost')
    expect(seats()).to.have.deep.members(before as object[])
    expect([cloud.instance('web').status, cloud.state.disks.size]).to.deep.equal(['RUNNING', 2])
  })

  it('that are given up in the middle do not stand in the way of another one', async () => {
    const [one, other] = [await node.save('one'), await node.save('other')]
    cloud.write('web', 'newer')
    const third = await node.save('third')
    spoil()
    for (const [nth, part] of [one, other].entries()) {
      const leaving = new AbortController()
      const held = cloud.hold(nth === 0 ? 'disk:creating' : 'disk:attaching')
      const runtime = structuredClone(node.runtime)
      const dying = node.apply(part, { work: `dies ${nth}`, signal: leaving.signal }).catch(() => {})
      await held.reached
      // What it had on record when it died.
      const kept = structuredClone(node.runtime)
      expect(kept).not.to.deep.equal(runtime)
      leaving.abort(new Error('it dies'))
      held.release()
      await dying
      Object.assign(node.runtime, kept)
    }
    await node.apply(third, { work: 'lives' })
    expect(cloud.contents('web')).to.deep.equal({ boot: 'newer', storage: 'data' })
    expect([cloud.instance('web').status, cloud.state.disks.size]).to.deep.equal(['RUNNING', 2])
    expect(node.runtime).not.to.have.any.keys('restore_places', 'restore_power')
  })

  it('bring back an instance that is gone out of its machine image', async () => {
    const part = await node.save('it', { snapshot_incremental: false })
    cloud.state.instances.clear()
    cloud.state.disks.clear()
    await node.apply(part)
    expect(cloud.contents('web')).to.deep.equal(whole)
    expect(cloud.instance('web').status).to.equal('RUNNING')
  })

  it('of a damaged copy touch nothing', async () => {
    const part = await node.save('it')
    cloud.snapshot(part.providerId.split(',')[1] ?? '').status = 'FAILED'
    const writes = cloud.writes.length
    expect((await faultOf(node.apply(part))).code).to.equal('gcp.copy_damaged')
    expect(cloud.writes.length).to.equal(writes)
  })

  it('of several disks of one instance at the same time leave it running with all of them', async () => {
    const [data, root] = [diskNode(cloud, 'data'), diskNode(cloud, 'web')]
    const parts = [await data.save('it'), await root.save('it')] as const
    spoil()
    await Promise.all([data.apply(parts[0], { work: 'one' }), root.apply(parts[1], { work: 'other' })])
    expect(cloud.contents('web')).to.deep.equal(whole)
    expect([cloud.instance('web').status, cloud.state.disks.size]).to.deep.equal(['RUNNING', 2])
    const now = cloud.instance('web').disks.find(({ deviceName }) => deviceName === 'storage')?.disk
    expect([data.runtime['name'], now]).to.deep.equal([now, data.runtime['name']])
    for (const one of [data, root]) await one.cleanUp()
  })

  it('of a disk whose place another one has taken find that', async () => {
    const named = new GcpNode(cloud, 'Snapshot', 'snapshot', { disk_name: 'data' })
    const part = await named.save('by name')
    const whole = await node.save('it')
    await node.apply(whole)
    cloud.write('web', 'newer', 'storage')
    await named.save('once more')
    await named.call('apply', { part })
    expect(cloud.contents('web')).to.deep.equal({ boot: 'root', storage: 'data' })
    expect(cloud.state.disks.size).to.equal(2)
    await named.cleanUp()
  })

  it('of a disk that has grown keep its size', async () => {
    const data = diskNode(cloud, 'data')
    const part = await data.save('it')
    cloud.disk('data').sizeGb = 50
    await data.apply(part)
    expect(cloud.disk(String(data.runtime['name'])).sizeGb).to.equal(50)
    await data.cleanUp()
  })
})

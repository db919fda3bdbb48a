// A volume that is put back keeps its id, is attached again where it was, and its server runs again: also when the restore goes
// wrong, is cancelled, or died on its way.
import { expect } from 'chai'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../../support/openstack/fake-openstack.ts'
import type { FakeServer } from '../../../../support/openstack/model/server.ts'
import { volumeNode, type CopyKind, type CloudNode } from '../../../../support/openstack/cloud-node.ts'

describe('OpenStack: putting a volume back', () => {
  let cloud: FakeOpenstack
  let server: FakeServer
  let node: CloudNode
  const others: CloudNode[] = []
  beforeEach(async () => {
    cloud = await fakeOpenstack()
    server = cloud.addServer({
      name: 'web',
      volumes: [
        { name: 'data', content: 'one' },
        { name: 'log', content: 'lines' },
      ],
    })
    node = volumeNode(cloud, cloud.volume('data').id)
  })
  afterEach(async () => {
    for (const one of [node, ...others.splice(0)]) await one.cleanUp()
    await closeSharedClouds()
    await cloud.close()
  })
  const nodeOf = (name: string, properties = {}): CloudNode => {
    const one = volumeNode(cloud, cloud.volume(name).id, properties)
    others.push(one)
    return one
  }
  const seats = () => server.attachments.map(({ device, volumeId }) => [device, cloud.volume(volumeId).name])
  const asBefore = [
    ['/dev/vdb', 'data'],
    ['/dev/vdc', 'log'],
  ]
  const expectAsBefore = (content = 'one'): void => {
    expect(seats()).to.have.deep.members(asBefore)
    expect([server.status, cloud.volume('data').status, cloud.volume('data').content]).to.deep.equal([
      'ACTIVE',
      'in-use',
      content,
    ])
    expect(Object.keys(node.runtime)).to.deep.equal(['id'])
  }

  for (const kind of ['snapshot', 'backup'] as const satisfies readonly CopyKind[]) {
    it(`brings back a ${kind}, with the server off meanwhile`, async () => {
      const part = await node.save('nightly', kind)
      server.write('two', 'vdb')
      const id = cloud.volume('data').id
      const held = cloud.hold(kind === 'snapshot' ? 'volume:reverting' : 'backup:restoring')
      let isDone = false
      const restore = node.apply(part).then(() => {
        isDone = true
      })
      await held.reached
      expect([isDone, server.status, seats()]).to.deep.equal([false, 'SHUTOFF', [['/dev/vdc', 'log']]])
      held.release()
      await restore
      expectAsBefore()
      expect([node.runtime['id'], server.boots]).to.deep.equal([id, 2])
    })

    it(`leaves a server off that was off when a ${kind} was put back`, async () => {
      const part = await node.save('nightly', kind)
      Object.assign(server, { vmState: 'stopped', powerState: 4 })
      await node.apply(part)
      expect([server.status, server.boots, seats()]).to.deep.equal(['SHUTOFF', 1, [asBefore[1], asBefore[0]]])
    })

    it(`touches nothing when the ${kind} is gone`, async () => {
      const part = await node.save('nightly', kind)
      await node.remove(part)
      const before = cloud.writes.length
      const problem = await faultOf(node.apply(part))
      expect([problem.code, problem.effect]).to.deep.equal(['openstack.copy_damaged', 'none'])
      expect(cloud.writes).to.have.length(before)
      expectAsBefore()
    })
  }

  it('reverts to the newest snapshot without copying it', async () => {
    await node.apply(await node.save('nightly', 'snapshot'))
    expect(cloud.count('volume POST /backups')).to.equal(0)
    expect(cloud.count('volume POST /volumes/:id/action revert')).to.equal(1)
  })

  it('brings back an older snapshot over a backup, which goes again, and keeps the newer one', async () => {
    const older = await node.save('older', 'snapshot')
    server.write('two', 'vdb')
    const newer = await node.save('newer', 'snapshot')
    await node.apply(older)
    expectAsBefore()
    expect([...cloud.state.snapshots.keys()]).to.have.members([older.providerId, newer.providerId])
    expect(cloud.state.backups.size).to.equal(0)
    await node.apply(newer)
    expect(cloud.volume('data').content).to.equal('two')
  })

  it('brings back a snapshot of a volume that has grown, and in a cloud that cannot revert', async () => {
    const part = await node.save('nightly', 'snapshot')
    server.write('two', 'vdb')
    cloud.volume('data').size = 2
    await node.apply(part)
    expectAsBefore()
    cloud.volume('data').size = 1
    server.write('three', 'vdb')
    cloud.state.newest.volume = 39
    await closeSharedClouds()
    await node.apply(part)
    expectAsBefore()
    expect(cloud.count('volume POST /volumes/:id/action revert')).to.equal(0)
  })

  it('gives the volume back and lets the server run when there is no way for an older snapshot', async () => {
    const older = await node.save('older', 'snapshot')
    await node.save('newer', 'snapshot')
    server.write('two', 'vdb')
    cloud.break('backup:creating', { reason: 'no room' })
    expect((await faultOf(node.apply(older))).message).to.contain('no room')
    expectAsBefore('two')
    expect(cloud.state.backups.size).to.equal(0)
  })

  it('says that a restore broke in the middle, and lets the server run again', async () => {
    const part = await node.save('nightly', 'backup')
    cloud.break('backup:restoring', { reason: 'a chunk is missing' })
    const problem = await faultOf(node.apply(part))
    expect([problem.code, problem.effect]).to.deep.equal(['openstack.error_state', 'done'])
    expect(problem.message).to.contain('error_restoring')
    expect([server.status, seats()]).to.deep.equal(['ACTIVE', [asBefore[1]]])
    expect(node.lines.join('\n')).to.match(/is not attached again: it was at server .* as \/dev\/vdb/)
    // Somebody mends the volume, and the restore is tried again.
    cloud.volume('data').status = 'available'
    await node.apply(part, { isAgain: true })
    expectAsBefore()
  })

  it('gives the volume back, as it becomes free, when it is cancelled in the middle', async () => {
    const part = await node.save('nightly', 'backup')
    server.write('two', 'vdb')
    const held = cloud.hold('backup:restoring')
    const cancel = new AbortController()
    const restore = node.apply(part, { signal: cancel.signal })
    const thrown = restore.then(
      () => undefined,
      (problem: unknown) => problem,
    )
    await held.reached
    cancel.abort(new Error('cancelled'))
    held.release()
    expect(await thrown).to.not.equal(undefined)
    // What the cloud was asked for it goes on with.
    expectAsBefore()
  })

  it('carries on where an attempt died with the volume off its server, and the server off', async () => {
    const part = await node.save('nightly', 'backup')
    server.write('two', 'vdb')
    const held = cloud.hold('volume:detaching')
    const first = nodeOf('data')
    const died = first.apply(part).catch(() => undefined)
    await held.reached
    // As it was on record when it died.
    const record = structuredClone(first.runtime)
    held.release()
    await died
    Object.assign(server, { vmState: 'stopped', powerState: 4 })
    const attached = server.attachments.findIndex(({ device }) => device === '/dev/vdb')
    server.attachments.splice(attached, 1)
    Object.assign(cloud.volume('data'), { status: 'available' })
    cloud.volume('data').attachments.length = 0
    Object.assign(node.runtime, record)
    await node.apply(part, { isAgain: true })
    expectAsBefore()
  })

  it('leaves a server off until all of its volumes are back that are put back together', async () => {
    const log = nodeOf('log')
    const [one, two] = [await node.save('nightly', 'backup'), await log.save('nightly', 'backup')]
    server.write('two', 'vdb')
    server.write('more lines', 'vdc')
    const seen: string[] = []
    cloud.fail(/os-start/, { times: 9, meanwhile: () => void seen.push(JSON.stringify(server.contents)) })
    await Promise.all([node.apply(one), log.apply(two)])
    expect(seen).to.deep.equal([JSON.stringify({ vda: 'new', vdb: 'one', vdc: 'lines' })])
    expect(server.boots).to.equal(2)
    expectAsBefore()
    expect(Object.keys(log.runtime)).to.deep.equal(['id'])
  })

  for (const what of ['goes wrong', 'is cancelled while it waits'])
    it(`lets the server run again when one of several restores ${what}`, async () => {
      const log = nodeOf('log')
      const [one, two] = [await node.save('nightly', 'backup'), await log.save('nightly', 'backup')]
      const isCancelled = what !== 'goes wrong'
      const cancel = new AbortController()
      const held = cloud.hold('backup:restoring')
      if (!isCancelled) cloud.break('backup:restoring', { id: one.providerId })
      const ends = [node.apply(one), log.apply(two, { signal: cancel.signal })].map((end) =>
        end.then(
          () => 'done',
          () => 'failed',
        ),
      )
      await held.reached
      if (isCancelled) cancel.abort(new Error('cancelled'))
      held.release()
      expect(await Promise.all(ends)).to.deep.equal(isCancelled ? ['done', 'failed'] : ['failed', 'done'])
      expect([server.status, server.boots, Object.keys(log.runtime)]).to.deep.equal(['ACTIVE', 2, ['id']])
      if (isCancelled) expectAsBefore()
    })

  it('lets a server run that a restore that died has left to the next one', async () => {
    const [part, log] = [await node.save('nightly', 'backup'), nodeOf('log')]
    const other = await log.save('nightly', 'backup')
    // The one was done, and the other had the server's end in its hands.
    log.runtime['restore_power'] = { [server.id]: 'ACTIVE' }
    Object.assign(server, { vmState: 'stopped', powerState: 4 })
    await Promise.all([node.apply(part, { isAgain: true }), log.apply(other, { isAgain: true })])
    expect(server.status).to.equal('ACTIVE')
    expect([Object.keys(node.runtime), Object.keys(log.runtime)]).to.deep.equal([['id'], ['id']])
  })

  it('makes a volume anew that is gone, and attaches that', async () => {
    const part = await node.save('nightly', 'backup')
    const gone = cloud.volume('data')
    server.attachments.splice(0, 1)
    cloud.state.volumes.delete(gone.id)
    await node.apply(part)
    expect(node.runtime['id']).to.not.equal(gone.id)
    expectAsBefore()
    expect(cloud.volume('data').id).to.equal(node.runtime['id'])
    // Copies of the one that is gone come back to the one that is there.
    server.write('two', 'vdb')
    await node.apply(part)
    expectAsBefore()
    expect(cloud.state.volumes.size).to.equal(2)
  })

  it('makes one volume anew, and attaches it nowhere, when its server is gone and the first attempt died', async () => {
    const part = await node.save('nightly', 'backup')
    cloud.state.volumes.delete(cloud.volume('data').id)
    cloud.state.servers.delete(server.id)
    cloud.fail('volume POST /backups/:id/restore', { status: 400 })
    expect((await faultOf(node.apply(part, { work: 'first' }))).effect).to.equal('none')
    await node.apply(part, { work: 'second' })
    expect(cloud.volume('data')).to.include({ content: 'one', status: 'available' })
    expect(node.lines.join('\n')).to.contain('is not attached')
  })

  it('does not take a volume from where somebody has put it since', async () => {
    const part = await node.save('nightly', 'backup')
    const elsewhere = cloud.addServer({ name: 'elsewhere', volumes: [{ name: 'moved', content: 'two' }] })
    const moved = volumeNode(cloud, cloud.volume('moved').id)
    others.push(moved)
    const own = await moved.save('nightly', 'backup')
    moved.runtime['restore_seats'] = {
      volumeId: cloud.volume('moved').id,
      seats: [{ serverId: server.id, device: '/dev/vdd' }],
    }
    elsewhere.write('three', 'vdb')
    await moved.apply(own)
    expect(elsewhere.contents).to.deep.include({ vdb: 'two' })
    await node.apply(part)
    expectAsBefore()
  })

  it('refuses a volume that is smaller than the copy', async () => {
    cloud.volume('data').size = 2
    const part = await node.save('nightly', 'backup')
    cloud.volume('data').size = 1
    const problem = await faultOf(node.apply(part))
    expect([problem.code, problem.effect]).to.deep.equal(['openstack.not_restorable', 'none'])
    expectAsBefore()
  })

  it('refuses beforehand what it would be refused for, and changes nothing', async () => {
    const part = await node.save('nightly', 'backup')
    await node.checkApply(part)
    cloud.volume('data').status = 'error_restoring'
    const before = cloud.writes.length
    for (const end of [node.checkApply(part), node.apply(part)]) {
      const problem = await faultOf(Promise.resolve(end))
      expect([problem.code, problem.effect]).to.deep.equal(['openstack.not_restorable', 'none'])
    }
    expect([cloud.writes.length, server.status]).to.deep.equal([before, 'ACTIVE'])
  })

  it('attaches the volume and lets the server run also when what an attempt that died was to restore is gone', async () => {
    const part = await node.save('nightly', 'backup')
    await node.remove(part)
    const seat = { serverId: server.id, device: '/dev/vdb' }
    Object.assign(server, { vmState: 'stopped', powerState: 4 })
    server.attachments.splice(0, 1)
    Object.assign(cloud.volume('data'), { status: 'available' })
    cloud.volume('data').attachments.length = 0
    node.runtime['restore_power'] = { [server.id]: 'ACTIVE' }
    node.runtime['restore_seats'] = { volumeId: cloud.volume('data').id, seats: [seat] }
    expect((await faultOf(node.apply(part, { isAgain: true }))).code).to.equal('openstack.copy_damaged')
    expectAsBefore()
  })

  it('brings back an incremental backup with all that it rests on, or refuses it', async () => {
    const chained = nodeOf('data', { backup_chain: 'incremental' })
    const full = await chained.save('full', 'backup')
    server.write('two', 'vdb')
    const part = await chained.save('incremental', 'backup')
    server.write('three', 'vdb')
    await node.apply(part)
    expectAsBefore('two')
    cloud.state.backups.delete(full.providerId)
    const problem = await faultOf(node.apply(part))
    expect(problem.message).to.contain('that it rests on is gone')
    expectAsBefore('two')
  })

  it('brings back what the originals made, by the names that they gave', async () => {
    const { id } = cloud.volume('data')
    const foreign = nodeOf('log')
    const call = { work: 'old', inputs: { snapshot_name: 'nightly', snapshot_incremental: false } }
    for (const name of [`vol-${id}-nightly`, `volume-${id}-nightly-backup`]) {
      const part = await node.save(name, 'backup')
      Object.assign(cloud.backup(part.providerId), { name, metadata: {} })
      server.write('two', 'vdb')
      await node.call('snapshot_apply', call)
      expectAsBefore()
      expect((await faultOf(foreign.call('snapshot_apply', call))).code).to.equal('openstack.missing')
      if (name.startsWith('volume-')) expect(cloud.state.backups.size).to.equal(1)
      else cloud.state.backups.delete(part.providerId)
    }
    const second = await node.save('again', 'backup')
    cloud.backup(second.providerId).name = `vol-${id}-nightly`
    expect((await faultOf(node.call('snapshot_apply', call))).code).to.equal('openstack.ambiguous')
  })
})

// Claim: whatever befalls the calls and operations of a copy, a further attempt of it ends with exactly one snapshot for each
// disk, or taking it back leaves none; what cannot be saved is refused before anything is done; a guest that is to flush and
// does not is told.
import { expect } from 'chai'
import { closeSharedProjects } from '../../../../../src/plugins/gcp/client/shared-projects.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { fakeGcp, type FakeGcp } from '../../../../../src/testing/gcp/fake-gcp.ts'
import { diskNode, GcpNode, instanceNode } from '../../../../support/gcp/gcp-node.ts'

const snapshot = 'POST /zones/:zone/disks/:name/createSnapshot'
const image = 'POST /global/machineImages'

describe('copies of GCP instances', () => {
  let cloud: FakeGcp
  let node: GcpNode
  beforeEach(async () => {
    cloud = await fakeGcp()
    cloud.addInstance({ name: 'web', content: 'root', disks: [{ name: 'data', content: 'data' }] })
    node = instanceNode(cloud, 'web')
  })
  afterEach(async () => {
    await node.cleanUp()
    await closeSharedProjects()
    await cloud.close()
  })
  const count = (): number => cloud.state.snapshots.size + cloud.state.machineImages.size

  it('carry the id of their disk, and are cut when the instant is past, before the upload', async () => {
    const held = cloud.hold('snapshot:uploading')
    const receipt = await node.cut('nightly')
    cloud.write('web', 'later')
    held.release()
    const part = await node.settle('nightly', receipt)
    const names = part.providerId.split(',')
    expect(names).to.have.lengthOf(2)
    expect(names[0])
      .to.contain(cloud.disk('web').id)
      .and.to.match(/^nightly-/)
    expect(names.map((name) => cloud.snapshot(name).content)).to.deep.equal(['root', 'data'])
    expect(cloud.snapshot(names[0] ?? '').labels).to.include({ 'fermata-backup': 'nightly' })
    expect(part.bytes).to.equal('rootdata'.length)
    expect(await node.verify(part)).to.include({ isUsable: true })
  })

  for (const [kind, which, isIncremental] of [
    ['snapshots', snapshot, true],
    ['machine images', image, false],
  ] as const) {
    const whole = isIncremental ? 2 : 1
    for (const [name, trouble] of Object.entries({
      'the answer is lost': { drop: 'after' },
      'the request is lost': { drop: 'before' },
      'the server breaks after the effect': { status: 503, afterEffect: true },
      'it is too much': { status: 429, retryAfter: 1 },
    } as const)) {
      it(`are made once although ${name}: ${kind}`, async () => {
        const planted = cloud.fail(which, { ...trouble, times: 2 })
        const given = { snapshot_incremental: isIncremental }
        const again = (): ReturnType<typeof node.cut> => node.cut('it', given, { isAgain: true })
        const receipt = await node.cut('it', given).catch(() => again().catch(again))
        expect(planted.hits).to.equal(2)
        const part = await node.settle('it', receipt, given)
        expect(await node.verify(part)).to.include({ isUsable: true })
        await cloud.idle()
        expect(count()).to.equal(whole)
      })
    }

    it(`that fail inside of their operation are told, and leave nothing when they are taken back: ${kind}`, async () => {
      const step = isIncremental ? 'snapshot:creating' : 'image:creating'
      cloud.break(step, { reason: 'INTERNAL_ERROR 503: the disk is not well' })
      const problem = await faultOf(node.cut('it', { snapshot_incremental: isIncremental }))
      expect([problem.code, problem.effect]).to.deep.equal(['gcp.operation_failed', 'unknown'])
      expect(problem.message).to.contain('the disk is not well')
      await node.undo('it')
      expect(count()).to.equal(0)
    })

    it(`that are begun and not seen yet are taken back: ${kind}`, async () => {
      const leaving = new AbortController()
      const step = isIncremental ? 'snapshot:creating' : 'image:creating'
      const held = cloud.hold(step)
      const cut = node.cut('it', { snapshot_incremental: isIncremental }, { signal: leaving.signal }).catch(() => {})
      await held.reached
      leaving.abort(new Error('nobody wants it'))
      await cut
      held.release()
      await node.undo('it')
      await cloud.idle()
      expect(count()).to.equal(0)
    })
  }

  it('of a disk that was copied six times within an hour are refused before anybody is frozen', async () => {
    const disk = diskNode(cloud, 'data')
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await disk.save(name)
    const early = await faultOf(disk.check())
    expect([early.code, early.retry]).to.deep.equal(['gcp.snapshot_rate', 'later'])
    expect(early.after).to.be.greaterThan(3_000_000)
    const late = await faultOf(disk.cut('g'))
    expect([late.code, late.after]).to.deep.equal(['gcp.throttled', 600_000])
    await disk.cleanUp()
  })

  it('beyond the quota are refused, and leave nothing', async () => {
    cloud.state.quotas.snapshots = 1
    const problem = await faultOf(node.cut('it'))
    expect([problem.code, problem.blame]).to.deep.equal(['gcp.quota', 'user'])
    await node.undo('it')
    expect(count()).to.equal(0)
  })

  it('of a guest that flushes are whole, and of one that does not answer fail', async () => {
    const flushing = instanceNode(cloud, 'web', { guest_flush: true })
    const part = await flushing.save('it')
    expect(part.consistency).to.equal('filesystem')
    expect(part.providerId.split(',').every((name) => cloud.snapshot(name).isFlushed)).to.equal(true)
    cloud.instance('web').isGuestReady = false
    const problem = await faultOf(flushing.cut('other'))
    expect(problem.message).to.contain('Guest flush failed')
    await flushing.cleanUp()
  })

  it('of a node that names no disk, or one that is not there, are refused when they are planned', async () => {
    const nameless = new GcpNode(cloud, 'Snapshot', 'snapshot', { disk_name: '' })
    expect((await faultOf(nameless.check())).code).to.equal('gcp.bad_property')
    const wrong = new GcpNode(cloud, 'Snapshot', 'snapshot', { disk_name: 'nobody' })
    expect((await faultOf(wrong.check())).code).to.equal('gcp.missing')
    const right = new GcpNode(cloud, 'Snapshot', 'snapshot', { disk_name: 'data' })
    await right.check()
    const part = await right.save('it')
    expect(cloud.snapshot(part.providerId).content).to.equal('data')
    for (const one of [nameless, wrong, right]) await one.cleanUp()
  })

  it('are found again where lists come late', async () => {
    cloud.state.listLag = 60_000
    cloud.fail(snapshot, { drop: 'after', times: 4 })
    await node.cut('it').catch(() => undefined)
    await node.undo('it')
    await cloud.idle()
    expect(count()).to.equal(0)
  })
})

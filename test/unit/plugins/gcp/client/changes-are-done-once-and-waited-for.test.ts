// Claim: a change is waited for to its end, tells what went wrong inside of its operation, is done once under its request id,
// and its faults say whether it happened and when to come again; nobody waits longer than they wanted.
import { expect } from 'chai'
import { seconds } from '../../../../../src/kernel/duration.ts'
import { closeSharedProjects } from '../../../../../src/plugins/gcp/client/shared-projects.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { fakeGcp, type FakeGcp } from '../../../../../src/testing/gcp/fake-gcp.ts'
import { smallProject } from '../../../../support/gcp/small-project.ts'

const stop = 'POST /zones/:zone/instances/:name/stop'
const path = (cloud: FakeGcp, action: string): string => `/zones/${cloud.zone}/instances/web/${action}`

describe('changes of a GCP project', () => {
  let cloud: FakeGcp
  beforeEach(async () => {
    cloud = await fakeGcp()
    cloud.addInstance({ name: 'web' })
  })
  afterEach(async () => {
    await closeSharedProjects()
    await cloud.close()
  })

  it('are over when their operation is', async () => {
    const { project } = await smallProject(cloud)
    const held = cloud.hold('instance:stopping')
    const done = project.change({ path: path(cloud, 'stop') })
    await held.reached
    expect(cloud.instance('web').status).to.equal('STOPPING')
    held.release()
    expect((await done).status).to.equal('DONE')
    expect(cloud.instance('web').status).to.equal('TERMINATED')
  })

  it('fail with what stands inside of the operation', async () => {
    const { project } = await smallProject(cloud)
    const table = [
      ['QUOTA_EXCEEDED: no more', 'gcp.quota', 'never', 'none'],
      ['ZONE_RESOURCE_POOL_EXHAUSTED: full', 'gcp.exhausted', 'later', 'none'],
      ['RESOURCE_NOT_READY: soon', 'gcp.busy', 'later', 'none'],
      ['INVALID_USAGE 400: never so', 'gcp.operation_failed', 'never', 'none'],
      ['INTERNAL_ERROR 503: broken', 'gcp.operation_failed', 'never', 'unknown'],
    ] as const
    for (const [reason, code, retry, effect] of table) {
      cloud.break('instance:stopping', { reason })
      const problem = await faultOf(project.change({ path: path(cloud, 'stop') }))
      expect([problem.code, problem.retry, problem.effect], reason).to.deep.equal([code, retry, effect])
      expect(problem.message).to.contain(reason.replace(/^.*: /, ''))
    }
  })

  it('are done once under one request id, whatever becomes of the answer', async () => {
    const { project } = await smallProject(cloud)
    const requestId = '8d1c1c4e-4a39-4b0c-9c55-0d1c8a3c1111'
    const body = { name: 'fresh', sizeGb: '10' }
    const change = { path: `/zones/${cloud.zone}/disks`, body, requestId }
    cloud.fail('POST /zones/:zone/disks', { drop: 'after' })
    const lost = await faultOf(project.change(change))
    expect([lost.code, lost.effect]).to.deep.equal(['gcp.connection_lost', 'unknown'])
    await project.change(change)
    expect(cloud.disk('fresh').status).to.equal('READY')
    const refused = await faultOf(project.change({ path: change.path, body }))
    expect(refused.code).to.equal('gcp.exists')
  })

  it('that are refused say so: when to come again, whose doing it is, whether it happened', async () => {
    const { project } = await smallProject(cloud)
    const table = [
      [{ status: 429, retryAfter: 7 }, 'gcp.throttled', 'none', 7000],
      [{ status: 403, message: 'rateLimitExceeded: slow' }, 'gcp.throttled', 'none', undefined],
      [{ status: 403, message: 'quotaExceeded: full' }, 'gcp.quota', 'none', undefined],
      [{ status: 403 }, 'gcp.denied', 'none', undefined],
      [{ status: 503, afterEffect: true }, 'gcp.failed', 'unknown', undefined],
      [{ status: 412 }, 'gcp.busy', 'none', undefined],
      [{ drop: 'before' }, 'gcp.connection_lost', 'unknown', undefined],
    ] as const
    for (const [trouble, code, effect, after] of table) {
      cloud.fail(stop, trouble)
      const problem = await faultOf(project.change({ path: path(cloud, 'stop') }))
      expect([problem.code, problem.effect, problem.after], JSON.stringify(trouble)).to.deep.equal([
        code,
        effect,
        after,
      ])
    }
    const gone = await faultOf(project.change({ path: path(cloud, 'stop').replace('web', 'nobody') }))
    expect(gone.code).to.equal('gcp.not_found')
  })

  it('that never end are given up at their limit, or when nobody wants them any more', async () => {
    const leaving = new AbortController()
    const { project } = await smallProject(cloud, { signal: leaving.signal })
    const held = cloud.hold('instance:stopping')
    const late = await faultOf(project.change({ path: path(cloud, 'stop'), limit: seconds(30) }))
    expect([late.code, late.effect]).to.deep.equal(['gcp.operation_late', 'unknown'])
    const [operation] = cloud.state.operations.values()
    const done = project.done({ name: operation?.name ?? '', status: 'RUNNING', zone: cloud.zone }, seconds(100_000))
    const why = new Error('nobody wants it')
    leaving.abort(why)
    expect(await done.catch((thrown: unknown) => thrown)).to.equal(why)
    held.release()
  })

  it('are waited for through what is wrong with the API for a moment', async () => {
    const { project } = await smallProject(cloud)
    cloud.fail('POST /zones/:zone/operations/:name/wait', { status: 503, times: 2 })
    cloud.fail('POST /zones/:zone/operations/:name/wait', { drop: 'after', nth: 3 })
    await project.change({ path: path(cloud, 'stop') })
    expect(cloud.count('POST /zones/:zone/operations/:name/wait')).to.be.at.least(4)
  })

  it('lists are read page after page, and an empty one is none', async () => {
    await using small = await fakeGcp({ pageSize: 2 })
    for (const name of ['a', 'b', 'c', 'd', 'e']) small.addDisk({ name })
    const { project } = await smallProject(small)
    const names: string[] = []
    for await (const { name } of project.pages<{ name: string }>({ path: `/zones/${small.zone}/disks` }))
      names.push(name)
    expect(names).to.deep.equal(['a', 'b', 'c', 'd', 'e'])
    for await (const one of project.pages({ path: '/global/snapshots' })) expect.fail(JSON.stringify(one))
  })
})

// Claim: whatever goes wrong in a project while an instance with its disks is backed up, the fault says what has happened and
// whose turn it is, nothing half made is taken for a backup, and resuming finishes once the project is well again.
import { expect } from 'chai'
import { seconds } from '../../src/kernel/duration.ts'
import { eventually } from '../support/cli.ts'
import { projectSite, type ProjectSite } from '../support/gcp/backup-workflows.ts'
import type { WorkflowCall } from '../support/workflow-children.ts'

const createSnapshot = 'POST /zones/:zone/disks/:name/createSnapshot'
const createImage = 'POST /global/machineImages'

const snapshots: WorkflowCall = {
  workflow: 'backup',
  parameters: { snapshot_name: 'it', snapshot_incremental: true },
}
const images: WorkflowCall = { ...snapshots, parameters: { ...snapshots.parameters, snapshot_incremental: false } }
const remove = (call: WorkflowCall): WorkflowCall => ({ ...call, workflow: 'remove_backup' })

describe('GCP backups meet trouble', function () {
  this.timeout(180_000)
  let site: ProjectSite
  let before: readonly string[]

  beforeEach(async () => {
    site = await projectSite({ disksEach: 2 })
    before = site.inventory()
  })
  afterEach(() => site[Symbol.asyncDispose]())

  /** One copy of each disk, and the catalog has all of them: their deletion leaves nothing. */
  async function expectWhole(call: WorkflowCall): Promise<void> {
    await site.cloud.idle()
    const disks = ['web', 'web-data1', 'web-data2']
    const copies =
      call === snapshots
        ? disks.map((disk) => `snapshot of ${disk} READY`)
        : [`image of zones/${site.cloud.zone}/instances/web READY with 3 disks`]
    expect(site.inventory()).to.deep.equal([...before, ...copies].toSorted())
    const [backup] = await site.fermata.backups.list()
    expect([backup?.status, backup?.parts]).to.deep.equal(['good', 1])
    await site.succeed(remove(call))
    expect(site.inventory()).to.deep.equal(before)
  }

  async function carryOn(): Promise<void> {
    const { status, error } = await site.resume()
    expect(status, JSON.stringify(error)).to.equal('terminated')
  }

  async function expectNothingClaimed(): Promise<void> {
    const good = (await site.fermata.backups.list()).filter(({ status }) => status === 'good')
    expect(good).to.deep.equal([])
  }

  const passing = {
    'a token that ends before a snapshot': (which: string) =>
      site.cloud.fail(which, { delay: 0, meanwhile: () => site.cloud.expireTokens() }),
    'a token that ends while a copy is waited for': () =>
      site.cloud.fail(/^GET .global.(?:snapshots|machineImages).:name$/, {
        delay: 0,
        nth: 2,
        meanwhile: () => site.cloud.expireTokens(),
      }),
    'too many requests, with a time to come back': (which: string) =>
      site.cloud.fail(which, { times: 2, status: 429, retryAfter: 1 }),
    'an API that is away for a moment': () => site.cloud.fail(/^(?:GET|POST) /, { times: 3, status: 503 }),
    'a failure after the copy was begun': (which: string) => site.cloud.fail(which, { status: 503, afterEffect: true }),
    'a lost request': (which: string) => site.cloud.fail(which, { drop: 'before' }),
    'a lost answer': (which: string) => site.cloud.fail(which, { drop: 'after' }),
    'a call that hangs after its effect': (which: string) => site.cloud.fail(which, { isHanging: true }),
  } as const

  for (const [call, which, kind] of [
    [snapshots, createSnapshot, 'snapshots'],
    [images, createImage, 'machine images'],
  ] as const)
    for (const [what, plant] of Object.entries(passing)) {
      it(`which passes: ${what}, with ${kind}`, async () => {
        const planted = plant(which)
        await site.succeed(call)
        expect(planted.hits, 'it was met').to.be.greaterThan(0)
        await expectWhole(call)
      })
    }

  it('which stays: an operation that ends in an error each time', async () => {
    site.cloud.break('snapshot:creating', { times: 100, reason: 'INTERNAL_ERROR 503: the disk is not well' })
    const { status, error } = await site.start(snapshots)
    expect([status, error?.code]).to.deep.equal(['failed', 'gcp.operation_failed'])
    expect(error?.message).to.contain('the disk is not well')
    await expectNothingClaimed()
    await site.cloud.idle()
    expect(site.inventory(), 'what it had made is gone').to.deep.equal(before)
  })

  it('which stays: an operation that never ends', async () => {
    const held = site.cloud.hold('snapshot:uploading')
    const running = site.start(snapshots)
    await eventually('an upload stands still', () => site.inventory().some((line) => line.endsWith('UPLOADING')))
    let isOver = false
    void running.finally(() => (isOver = true))
    await eventually('it has waited in vain', () => {
      site.skip(seconds(3600))
      return isOver
    })
    const { status, error } = await running
    expect([status, error?.effect]).to.deep.equal(['failed', 'unknown'])
    await expectNothingClaimed()
    held.release()
    await site.cloud.idle()
    await carryOn()
    await expectWhole(snapshots)
  })

  it("which is the user's: no quota for snapshots", async () => {
    const { quotas } = site.cloud.state
    const enough = quotas.snapshots
    quotas.snapshots = 1
    const { status, error } = await site.start(snapshots)
    expect([status, error?.code, error?.blame]).to.deep.equal(['failed', 'gcp.quota', 'user'])
    await expectNothingClaimed()
    await site.cloud.idle()
    expect(site.inventory(), 'what it had made is gone').to.deep.equal(before)
    quotas.snapshots = enough
    await carryOn()
    await expectWhole(snapshots)
  })

  it("which is the project's: no more than six copies of a disk within an hour", async () => {
    site.cloud.state.copiesPerHour = 6
    const named = (name: string): WorkflowCall => ({ ...snapshots, parameters: { snapshot_name: name } })
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await site.succeed(named(name))
    const [writes, there] = [site.cloud.writes.length, site.inventory()]
    const { status, error } = await site.start(named('g'))
    expect([status, error?.code, error?.effect]).to.deep.equal(['failed', 'gcp.snapshot_rate', 'none'])
    expect([site.cloud.writes.length, site.inventory()], 'nothing was begun').to.deep.equal([writes, there])
  })
})

// Claim: whatever goes wrong in a cloud while a server with its volumes is backed up, the fault says what has happened and
// whose turn it is, nothing half made is taken for a backup, and resuming finishes once the cloud is well again.
import { expect } from 'chai'
import { seconds } from '../../src/kernel/duration.ts'
import { eventually } from '../support/cli.ts'
import { cloudSite, type CloudSite } from '../support/openstack/backup-workflows.ts'
import type { WorkflowCall } from '../support/workflow-children.ts'

const createImage = 'compute POST /servers/:id/action createImage'
const createSnapshot = 'volume POST /snapshots'
const createBackup = 'volume POST /backups'

const snapshots: WorkflowCall = {
  workflow: 'backup',
  parameters: { snapshot_name: 'it', snapshot_incremental: true },
}
const backups: WorkflowCall = { ...snapshots, parameters: { ...snapshots.parameters, snapshot_incremental: false } }
const remove = (call: WorkflowCall): WorkflowCall => ({ ...call, workflow: 'remove_backup' })

describe('openstack backups meet trouble', function () {
  this.timeout(180_000)
  let site: CloudSite
  let before: readonly string[]

  beforeEach(async () => {
    site = await cloudSite({ servers: ['web'], volumesEach: 2 })
    before = site.inventory()
  })
  afterEach(() => site[Symbol.asyncDispose]())

  /** One copy of each disk, and the catalog has all of them: their deletion leaves nothing. */
  async function expectWhole(call: WorkflowCall): Promise<void> {
    await site.cloud.idle()
    const kind = call === snapshots ? 'snapshot' : 'backup'
    const copies = [`${kind} of web-data1 available`, `${kind} of web-data2 available`, 'image of web active']
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
    'a token that ends in the middle': () =>
      site.cloud.fail(createImage, { delay: 0, meanwhile: () => site.cloud.expireTokens() }),
    'too many requests, with a time to come back': () =>
      site.cloud.fail(/POST/, { nth: 2, times: 3, status: 429, retryAfter: 1 }),
    'a failure after an image was begun': () => site.cloud.fail(createImage, { status: 500, afterEffect: true }),
    'a lost answer about an image': () => site.cloud.fail(createImage, { drop: 'after' }),
    'a failure after a snapshot was made': () => site.cloud.fail(createSnapshot, { status: 500, afterEffect: true }),
    'a service that is away for a moment': () => site.cloud.fail(/^volume/, { times: 4, status: 503 }),
  } as const

  for (const [what, plant] of Object.entries(passing)) {
    it(`which passes: ${what}`, async () => {
      const planted = plant()
      await site.succeed(snapshots)
      expect(planted.hits, 'it was met').to.be.greaterThan(0)
      await expectWhole(snapshots)
    })
  }

  it('which passes: a failure after a backup was begun', async () => {
    const planted = site.cloud.fail(createBackup, { status: 500, afterEffect: true })
    await site.succeed(backups)
    expect(planted.hits).to.equal(1)
    await expectWhole(backups)
  })

  /** Begins it, lets it wait in vain until it fails, and says how. */
  async function failsInVain(call: WorkflowCall, isStuck: () => boolean): Promise<Record<string, unknown>> {
    const running = site.start(call)
    await eventually('it is stuck', isStuck, 60_000)
    let isOver = false
    void running.finally(() => (isOver = true))
    await eventually(
      'it has waited in vain',
      () => {
        site.skip(seconds(600))
        return isOver
      },
      120_000,
    )
    const { status, error } = await running
    await expectNothingClaimed()
    return { status, code: error?.code, effect: error?.effect, blame: error?.blame }
  }

  it('which stays: no host computes', async () => {
    site.cloud.stop('compute')
    expect(await failsInVain(snapshots, () => site.cloud.count(createImage) > 0)).to.deep.equal({
      status: 'failed',
      code: 'openstack.not_reached',
      effect: 'unknown',
      blame: 'provider',
    })
    site.cloud.start('compute')
    await site.cloud.idle()
    // What was asked of the host before has ended in ERROR; its owner sees to that.
    Object.assign(site.cloud.server('web'), { vmState: 'active', powerState: 1, taskState: null })
    await carryOn()
    await expectWhole(snapshots)
  })

  it('which stays: nobody makes backups', async () => {
    site.cloud.stop('backup')
    expect(await failsInVain(backups, () => site.cloud.count(createBackup) > 0)).to.deep.equal({
      status: 'failed',
      code: 'openstack.not_reached',
      effect: 'unknown',
      blame: 'provider',
    })
    site.cloud.start('backup')
    await carryOn()
    await expectWhole(backups)
  })

  it('which stays: an image that is saved for ever', async () => {
    const held = site.cloud.hold('image:saving')
    expect(await failsInVain(snapshots, () => site.inventory().some((line) => line.endsWith('saving')))).to.deep.equal({
      status: 'failed',
      code: 'openstack.not_reached',
      effect: 'unknown',
      blame: 'provider',
    })
    held.release()
    await carryOn()
    await expectWhole(snapshots)
  })

  for (const [call, quota] of [
    [snapshots, 'snapshots'],
    [backups, 'backups'],
  ] as const) {
    it(`which is the user's: no quota for ${quota}`, async () => {
      const { quotas } = site.cloud.state
      const enough = quotas[quota]
      quotas[quota] = 1
      const { status, error } = await site.start(call)
      expect([status, error?.code, error?.blame]).to.deep.equal(['failed', 'openstack.quota', 'user'])
      expect(error?.effect, 'the image and the first copy came to be').to.equal('unknown')
      await expectNothingClaimed()
      await site.cloud.idle()
      expect(site.inventory(), 'what it had made is gone').to.deep.equal(before)
      quotas[quota] = enough
      await carryOn()
      await expectWhole(call)
    })
  }
})

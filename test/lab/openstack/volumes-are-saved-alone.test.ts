// Claim: a volume that no server holds is made, saved by a snapshot and by a chain of backups, put back and deleted.
import { expect } from 'chai'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { clientConfig, read, write } from './lab.ts'
import { countsOf, labDeployment, volumeOf, type LabSite } from './site.ts'

const name = `fermata-volume-${process.pid}`

describe('lab: volumes are saved alone', function () {
  this.timeout(300_000)
  let site: LabSite
  let volume: string

  before(async () => {
    site = await labDeployment()
    await site.deploy({
      data: {
        type: 'cloudify.nodes.openstack.Volume',
        properties: { client_config: clientConfig, resource_config: { name, size: 1 } },
      },
    })
    await site.succeed('install')
    volume = String((await site.known('data'))['id'])
  })
  after(() => site[Symbol.asyncDispose]())

  const call = (which: string, isIncremental: boolean): JsonObject => ({
    snapshot_name: which,
    snapshot_incremental: isIncremental,
  })
  const counts = async (): Promise<readonly number[]> => {
    const { snapshots, backups, broken } = await countsOf(site.stage, { volumes: [volume] })
    return [snapshots, backups, broken]
  }

  for (const [kind, isIncremental] of [
    ['a snapshot', true],
    ['a backup', false],
  ] as const) {
    it(`by ${kind}, which comes back and goes`, async () => {
      await write(volume, 0x33)
      await site.succeed('backup', call('one', isIncremental))
      expect(await counts()).to.deep.equal(isIncremental ? [1, 0, 0] : [0, 1, 0])
      await write(volume, 0x44)
      await site.succeed('restore', call('one', isIncremental))
      expect(await read(volume)).to.equal(0x33)
      expect((await volumeOf(site.stage, volume))['status']).to.equal('available')
      await site.succeed('remove_backup', { ...call('one', isIncremental), break_floor: true })
      expect(await counts()).to.deep.equal([0, 0, 0])
    })
  }

  it('and is deleted', async () => {
    await site.succeed('uninstall')
    expect((await volumeOf(site.stage, volume))['status']).to.equal('gone')
  })
})

// Claim: a server and its volumes are saved, by snapshots and by backups, while it runs; what lay on them then comes back,
// each at its device; and what is removed is gone, and nothing else.
import { expect } from 'chai'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { figure, read, write } from './lab.ts'
import {
  copiesOf,
  countsOf,
  external,
  labDeployment,
  serverWithVolumes,
  statusOf,
  volumeOf,
  type LabSite,
} from './site.ts'

describe('lab: backups hold all disks', function () {
  this.timeout(300_000)
  let site: LabSite
  let server: string
  let volumes: readonly string[]

  before(async () => {
    site = await labDeployment()
    ;({ server, volumes } = await serverWithVolumes(site.stage, 2))
    await site.deploy({ web: external('Server', server) })
    await site.succeed('install')
  })
  after(() => site[Symbol.asyncDispose]())

  const writeAll = async (byte: number): Promise<void> => {
    for (const volume of volumes) await write(volume, byte)
  }
  const readAll = async (): Promise<readonly number[]> => Promise.all(volumes.map((volume) => read(volume)))
  const devices = async (): Promise<readonly unknown[]> =>
    Promise.all(
      volumes.map(async (volume) => {
        const [attachment] = (await volumeOf(site.stage, volume))['attachments'] as readonly JsonObject[]
        return [attachment?.['server_id'], attachment?.['device']]
      }),
    )
  const call = (name: string, isIncremental: boolean): JsonObject => ({
    snapshot_name: name,
    snapshot_incremental: isIncremental,
  })

  for (const [kind, isIncremental] of [
    ['snapshots', true],
    ['backups', false],
  ] as const) {
    it(`by ${kind}, which come back and go`, async () => {
      const before = await devices()
      const one = isIncremental ? { images: 1, snapshots: 2, backups: 0 } : { images: 1, snapshots: 0, backups: 2 }
      await writeAll(0x11)
      const began = performance.now()
      await site.succeed('backup', call('first', isIncremental))
      const took = performance.now() - began
      expect(await countsOf(site.stage, { server, volumes })).to.deep.equal({ ...one, broken: 0 })
      expect(await statusOf(site.stage, server)).to.equal('ACTIVE')
      const [backup] = await site.fermata.backups.list()
      expect([backup?.status, backup?.parts]).to.deep.equal(['good', 1])

      await writeAll(0x22)
      await site.succeed('restore', call('first', isIncremental))
      expect(await readAll()).to.deep.equal([0x11, 0x11])
      expect(await statusOf(site.stage, server)).to.equal('ACTIVE')
      expect(await devices()).to.deep.equal(before)

      if (isIncremental) {
        const first = await copiesOf(site.stage, { server, volumes })
        await site.succeed('backup', call('second', isIncremental))
        await site.succeed('remove_backup', call('second', isIncremental))
        expect(await copiesOf(site.stage, { server, volumes })).to.deep.equal(first)
      }
      await site.succeed('remove_backup', { ...call('first', isIncremental), break_floor: true })
      expect(await countsOf(site.stage, { server, volumes })).to.deep.equal({
        images: 0,
        snapshots: 0,
        backups: 0,
        broken: 0,
      })
      figure(
        `${kind} of a server with 2 volumes on a real cloud: ${(took / 1000).toFixed(1)} s until they were read back`,
      )
    })
  }
})

// Claim: a volume that a node has attached to a running server is saved by snapshots and by a chain of backups, comes back to
// the device that it had, and its server runs again.
import { expect } from 'chai'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { clientConfig, read, write } from './lab.ts'
import { countsOf, external, labDeployment, statusOf, volumeOf, type LabSite } from './site.ts'

const name = `fermata-attached-${process.pid}`
const attached = 'cloudify.relationships.openstack.volume_attached_to_server'

describe('lab: attached volumes come back', function () {
  this.timeout(300_000)
  let site: LabSite
  let server: string
  let volume: string

  before(async () => {
    site = await labDeployment()
    server = await site.stage.server('lab')
    await site.deploy({
      web: external('Server', server),
      data: {
        type: 'cloudify.nodes.openstack.Volume',
        properties: {
          client_config: clientConfig,
          resource_config: { name, size: 1 },
          backup_chain: 'incremental',
        },
        relationships: [{ type: attached, target: 'web' }],
      },
    })
    await site.succeed('install')
    volume = String((await site.known('data'))['id'])
  })
  after(() => site[Symbol.asyncDispose]())

  const call = (which: string, isIncremental: boolean): JsonObject => ({
    snapshot_name: which,
    snapshot_incremental: isIncremental,
    include_node_types: ['cloudify.nodes.openstack.Volume'],
  })
  const seat = async (): Promise<readonly unknown[]> => {
    const { status, attachments } = await volumeOf(site.stage, volume)
    const [one] = attachments as readonly JsonObject[]
    return [status, one?.['server_id'], one?.['device'], await statusOf(site.stage, server)]
  }

  // The older snapshot cannot be reverted to, and the newer backup rests on the older one: both are the long way.
  for (const [kind, isIncremental, which, byte] of [
    ['snapshots', true, 'older', 0x11],
    ['backups', false, 'newer', 0x22],
  ] as const) {
    it(`by ${kind}, the ${which} one`, async () => {
      const before = await seat()
      expect([before[0], before[1], before[3]]).to.deep.equal(['in-use', server, 'ACTIVE'])
      await write(volume, 0x11)
      await site.succeed('backup', call('older', isIncremental))
      await write(volume, 0x22)
      await site.succeed('backup', call('newer', isIncremental))
      const saved = await countsOf(site.stage, { volumes: [volume] })
      await write(volume, 0x33)
      await site.succeed('restore', call(which, isIncremental))
      expect(await read(volume)).to.equal(byte)
      expect(await seat()).to.deep.equal(before)
      expect(await countsOf(site.stage, { volumes: [volume] })).to.deep.equal(saved)
      for (const one of ['newer', 'older']) {
        await site.succeed('remove_backup', { ...call(one, isIncremental), break_floor: true })
      }
      expect(await countsOf(site.stage, { volumes: [volume] })).to.deep.include({ snapshots: 0, backups: 0, broken: 0 })
    })
  }

  it('and go with their node', async () => {
    await site.succeed('uninstall')
    expect((await volumeOf(site.stage, volume))['status']).to.equal('gone')
    expect(await statusOf(site.stage, server)).to.equal('ACTIVE')
  })
})

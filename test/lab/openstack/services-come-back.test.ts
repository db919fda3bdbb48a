// Claim: while a service of a real cloud is dead, a backup that needs it is not taken for one; when the service is back, what
// had been begun is carried on to one copy of each disk, none stray.
import { expect } from 'chai'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { mend, stop } from './lab.ts'
import { copiesOf, countsOf, external, labDeployment, serverWithVolumes, type LabSite } from './site.ts'
import { eventually } from '../../support/cli.ts'

describe('lab: services come back', function () {
  this.timeout(300_000)
  let site: LabSite
  let server: string
  let volumes: readonly string[]

  before(async () => {
    site = await labDeployment()
    ;({ server, volumes } = await serverWithVolumes(site.stage, 1))
    await site.deploy({ web: external('Server', server) })
    await site.succeed('install')
  })
  after(async () => {
    await mend()
    await site[Symbol.asyncDispose]()
  })

  const full: JsonObject = { snapshot_name: 'full', snapshot_incremental: false }

  it('and a backup of volumes is made once all the same', async () => {
    await stop('cinder-backup')
    const backup = site.run('backup', full)
    await eventually(
      'Cinder has taken the order for a backup',
      async () => (await copiesOf(site.stage, { server, volumes })).broken.some((line) => line.endsWith('creating')),
      120_000,
    )
    expect((await site.fermata.backups.list()).map(({ status }) => status)).to.not.include('good')
    await mend()
    const { id, status, error } = await backup
    // A service that comes back either goes on with what was begun, or has given it up.
    if (status !== 'terminated') {
      expect(error?.code).to.equal('openstack.error_state')
      const resumed = await site.fermata.executions.resume(id)
      expect(resumed.status, JSON.stringify(resumed.error)).to.equal('terminated')
    }
    expect(await countsOf(site.stage, { server, volumes })).to.deep.equal({
      images: 1,
      snapshots: 0,
      backups: 1,
      broken: 0,
    })
    await site.succeed('remove_backup', { ...full, break_floor: true })
    expect(await countsOf(site.stage, { server, volumes })).to.deep.equal({
      images: 0,
      snapshots: 0,
      backups: 0,
      broken: 0,
    })
  })
})

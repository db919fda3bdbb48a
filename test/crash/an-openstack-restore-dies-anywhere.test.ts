// Claim: a restore of a server and its volumes that is killed at a fault point, or right after any call had its effect on the
// cloud, is carried on to the end it would have had: every disk as it was saved, every volume where it was, the server
// running, and nothing left of what was made on the way.
import { expect } from 'chai'
import { seededRandom } from '../../src/world/simulation/random.ts'
import { tell } from '../support/figures.ts'
import { cloudSite, type CloudSite } from '../support/openstack/backup-workflows.ts'
import type { WorkflowCall } from '../support/workflow-children.ts'

const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_312)
/** Of each kind. */
const deaths = process.env['FERMATA_CRASH'] === 'full' ? 60 : 8

const callOf = (workflow: string, name: string, isIncremental: boolean): WorkflowCall => ({
  workflow,
  parameters: { snapshot_name: name, snapshot_incremental: isIncremental },
})

describe('an openstack restore that dies', () => {
  for (const [name, isIncremental] of [
    // The older of two: what is newer stays, so that there is no short way back.
    ['snapshots', true],
    ['backups', false],
  ] as const)
    it(`is carried on wherever it was: ${name} (FERMATA_SEED=${seed})`, async function () {
      this.timeout(600_000)
      await using site = await cloudSite({ servers: ['web'], volumesEach: 2, hasVolumeNodes: true })
      const saved = contents(site)
      await site.succeed(callOf('backup', 'older', isIncremental))
      write(site, 'newer')
      await site.succeed(callOf('backup', 'newer', isIncremental))
      const before = site.inventory()
      const restore = callOf('restore', 'older', isIncremental)
      const places = [...(await site.passedBy(restore))]
      const expectRestored = (what: string): void => {
        expect(site.inventory(), what).to.deep.equal(before)
        expect(contents(site), what).to.deep.equal(saved)
      }
      expectRestored('undisturbed')
      const random = seededRandom(seed)
      let missed = 0
      for (let left = deaths; left > 0; left--) {
        const [death] = places.splice(random.whole(0, places.length - 1), 1)
        if (death === undefined) break
        const what = `${death.kind} ${death.name} ${death.ordinal}`
        write(site, what)
        if (!(await site.killed(restore, death))) missed++
        const { status, error } = await site.resume()
        expect(status, `${what}: ${JSON.stringify(error)}`).to.equal('terminated')
        await site.cloud.idle()
        expectRestored(what)
      }
      tell(`openstack: ${deaths - missed} deaths in a restore of ${name}, all carried on; ${missed} places not met`)
    })
})

/** What lies on which device. */
function contents(site: CloudSite): unknown {
  return JSON.parse(site.contents())
}

function write({ cloud }: CloudSite, text: string): void {
  const server = cloud.server('web')
  for (const device of Object.keys(server.contents)) server.write(`${text} on ${device}`, device)
}

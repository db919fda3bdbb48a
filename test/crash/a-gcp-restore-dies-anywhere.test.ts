// Claim: a restore of an instance and its disks that is killed at a fault point, or right after any call had its effect, is
// carried on to the end it would have had: every device as it was saved, the instance running, and no disk left over.
import { expect } from 'chai'
import { seededRandom } from '../../src/world/simulation/random.ts'
import { tell } from '../support/figures.ts'
import { projectSite, type ProjectSite } from '../support/gcp/backup-workflows.ts'
import type { WorkflowCall } from '../support/workflow-children.ts'

const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_312)
/** Of each kind. */
const deaths = process.env['FERMATA_CRASH'] === 'full' ? 60 : 8

const callOf = (workflow: string, name: string, isIncremental: boolean): WorkflowCall => ({
  workflow,
  parameters: { snapshot_name: name, snapshot_incremental: isIncremental },
})

describe('a GCP restore that dies', () => {
  for (const [name, isIncremental] of [
    ['snapshots', true],
    ['machine images', false],
  ] as const)
    it(`is carried on wherever it was: ${name} (FERMATA_SEED=${seed})`, async function () {
      this.timeout(600_000)
      await using site = await projectSite({ disksEach: 2, hasDiskNodes: isIncremental })
      const saved = site.contents()
      await site.succeed(callOf('backup', 'it', isIncremental))
      write(site, 'newer')
      const before = site.inventory()
      const restore = callOf('restore', 'it', isIncremental)
      const places = [...(await site.passedBy(restore))]
      const expectRestored = (what: string): void => {
        expect(site.inventory(), what).to.deep.equal(before)
        expect(site.contents(), what).to.equal(saved)
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
      tell(`gcp: ${deaths - missed} deaths in a restore of ${name}, all carried on; ${missed} places not met`)
    })
})

function write({ cloud }: ProjectSite, text: string): void {
  for (const device of Object.keys(cloud.contents('web'))) cloud.write('web', `${text} on ${device}`, device)
}

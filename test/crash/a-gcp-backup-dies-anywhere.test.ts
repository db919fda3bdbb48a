// Claim: a backup of instances of Google Cloud that is killed at a fault point, or right after any call had its effect, is
// carried on to the end it would have had: exactly one snapshot for each disk, or one machine image for each instance, none
// stray, and all of them in the catalog, for its deletion leaves the project as it was.
import { expect } from 'chai'
import { seededRandom } from '../../src/world/simulation/random.ts'
import { tell } from '../support/figures.ts'
import { projectSite, type ProjectSite } from '../support/gcp/backup-workflows.ts'
import type { Death, WorkflowCall } from '../support/workflow-children.ts'

const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_311)
/** Of each kind. */
const deaths = process.env['FERMATA_CRASH'] === 'full' ? 60 : 15
const instances = ['db', 'web', 'mail']
const disksEach = 2

const kinds = { 'disks that are nodes': true, 'machine images': false } as const

const callOf = (workflow: string, isIncremental: boolean): WorkflowCall => ({
  workflow,
  parameters: { snapshot_name: 'it', snapshot_incremental: isIncremental },
})

describe('a GCP backup that dies', () => {
  for (const [name, isIncremental] of Object.entries(kinds))
    it(`is carried on wherever it was: ${name} (FERMATA_SEED=${seed})`, async function () {
      this.timeout(600_000)
      const [save, remove] = [callOf('backup', isIncremental), callOf('remove_backup', isIncremental)]
      await using site = await projectSite({ instances, disksEach, hasDiskNodes: isIncremental })
      const before = site.inventory()
      const places = [...(await site.passedBy(save))]
      const saved = site.inventory()
      const copies = saved.filter((line) => !before.includes(line))
      const each = isIncremental ? 1 + disksEach : 1
      expect(copies.join('\n')).to.match(/^(?:(?:image|snapshot) of \S+ READY(?: with 3 disks)?\n?)+$/)
      expect(copies).to.have.lengthOf(instances.length * each)
      await site.succeed(remove)
      expect(site.inventory(), 'after its deletion').to.deep.equal(before)
      const random = seededRandom(seed)
      let missed = 0
      for (let left = deaths; left > 0; left--) {
        const [death] = places.splice(random.whole(0, places.length - 1), 1)
        if (death === undefined) break
        if (!(await dies(site, save, death))) missed++
        const what = `${death.kind} ${death.name} ${death.ordinal}`
        expect(site.inventory(), what).to.deep.equal(saved)
        const [backup] = await site.fermata.backups.list()
        expect([backup?.status, backup?.parts], what).to.deep.equal(['good', instances.length * each])
        await site.succeed(remove)
        expect(site.inventory(), `${what}, after its deletion`).to.deep.equal(before)
      }
      tell(
        `gcp: ${deaths - missed} deaths in a backup of ${instances.length} instances with ${disksEach} disks beside each (${name}); ` +
          `${copies.length} copies each time, none stray; ${missed} places not met`,
      )
    })
})

/** False: it never came to that place. */
async function dies(site: ProjectSite, call: WorkflowCall, death: Death): Promise<boolean> {
  const isKilled = await site.killed(call, death)
  const { status, error } = await site.resume()
  expect(status, `${death.name} ${death.ordinal}: ${JSON.stringify(error)}`).to.equal('terminated')
  await site.cloud.idle()
  return isKilled
}

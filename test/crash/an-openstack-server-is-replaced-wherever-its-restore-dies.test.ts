// Claim: a restore of a server that boots from a volume, or is gone, killed at a fault point or right after any call had its effect on the
// cloud, is carried on to the end it would have had: one server of that name, running, with every disk as it was saved, and
// no volume left of what was made on the way.
import { expect } from 'chai'
import { seededRandom } from '../../src/world/simulation/random.ts'
import { tell } from '../support/figures.ts'
import { detachAll } from '../support/openstack/services/nova/boot-volumes.ts'
import { cloudSite, type CloudSite } from '../support/openstack/backup-workflows.ts'
import type { WorkflowCall } from '../support/workflow-children.ts'

const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_313)
/** Of each kind. */
const deaths = process.env['FERMATA_CRASH'] === 'full' ? 60 : 8

describe('an openstack server on volumes whose restore dies', () => {
  for (const [name, isIncremental, isGone] of [
    ['snapshots', true, false],
    ['backups', false, false],
    ['backups of a server that is gone', false, true],
  ] as const)
    it(`is replaced once wherever it was: ${name} (FERMATA_SEED=${seed})`, async function () {
      this.timeout(600_000)
      const callOf = (workflow: string): WorkflowCall => ({
        workflow,
        parameters: { snapshot_name: 'it', snapshot_incremental: isIncremental },
      })
      await using site = await cloudSite({ servers: ['web'], volumesEach: 1, isFromVolume: true })
      const saved = site.contents()
      await site.succeed(callOf('backup'))
      const restore = callOf('restore')
      const spoil = (text: string): void => {
        write(site, text)
        if (isGone) lose(site)
      }
      spoil('changed')
      const places = [...(await site.passedBy(restore))]
      const expectReplaced = (what: string): void => {
        expect(shown(site), what).to.deep.equal(['web ACTIVE null'])
        expect(site.contents(), what).to.equal(saved)
        expect(idle(site), what).to.deep.equal(expectedIdle(site))
      }
      expectReplaced('undisturbed')
      const random = seededRandom(seed)
      let missed = 0
      for (let left = deaths; left > 0; left--) {
        const [death] = places.splice(random.whole(0, places.length - 1), 1)
        if (death === undefined) break
        const what = `${death.kind} ${death.name} ${death.ordinal}`
        spoil(what)
        if (!(await site.killed(restore, death))) missed++
        const { status, error } = await site.resume()
        expect(status, `${what}: ${JSON.stringify(error)}`).to.equal('terminated')
        await site.cloud.idle()
        expectReplaced(what)
      }
      await site.succeed(callOf('remove_backup'))
      expect(idle(site), 'after its deletion').to.deep.equal([])
      tell(`openstack: ${deaths - missed} deaths in a replacing restore of ${name}, all carried on; ${missed} not met`)
    })
})

const shown = ({ cloud }: CloudSite): readonly string[] =>
  [...cloud.state.servers.values()].map(({ name, status, taskState }) => `${name} ${status} ${taskState}`)

/** Volumes that no server has. */
const idle = ({ cloud }: CloudSite): readonly string[] =>
  [...cloud.state.volumes.values()].filter(({ attachments }) => attachments.length === 0).map(({ id }) => id)

/** What the server booted from before, for as long as the copy rests on it. */
const expectedIdle = ({ cloud }: CloudSite): readonly string[] => {
  const copied = new Set([...cloud.state.snapshots.values()].map(({ volumeId }) => volumeId))
  return [...cloud.state.volumes.values()]
    .filter(({ id, attachments }) => attachments.length === 0 && copied.has(id))
    .map(({ id }) => id)
}

/** Somebody has deleted it; its volumes stay. */
function lose({ cloud }: CloudSite): void {
  const server = cloud.server('web')
  detachAll(cloud.state, server)
  cloud.state.servers.delete(server.id)
}

function write({ cloud }: CloudSite, text: string): void {
  const server = cloud.server('web')
  for (const device of Object.keys(server.contents)) server.write(`${text} on ${device}`, device)
}

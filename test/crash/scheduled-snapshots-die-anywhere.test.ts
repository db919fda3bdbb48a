// Claim: a snapshot of a stopped server, a clone and a restore in place that are killed at a fault point, or right after any call
// had its effect on the cloud, are carried on to the end they would have had: the server runs, there is one of all that was
// wanted, and nothing else.
import { expect } from 'chai'
import { seededRandom } from '../../src/world/simulation/random.ts'
import { tell } from '../support/figures.ts'
import { cloudSite, type CloudSite } from '../support/openstack/backup-workflows.ts'
import type { FakeOpenstack } from '../support/openstack/fake-openstack.ts'
import { stampOf } from '../../src/plugins/openstack/workflows/snapshot-names.ts'
import type { WorkflowCall } from '../support/workflow-children.ts'

const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_313)
/** Of each kind. */
const deaths = process.env['FERMATA_CRASH'] === 'full' ? 60 : 6

/** `web` has a disk of its own, `db` boots from a volume; of both there is a snapshot. */
async function site(): Promise<CloudSite & { readonly date: string }> {
  const made = await cloudSite({ servers: ['web'], volumesEach: 1 })
  made.cloud.addServer({ name: 'db', isFromVolume: true, content: 'root of db' })
  for (const instance of ['web', 'db'])
    await made.succeed({ workflow: 'instance_snapshot', parameters: { instance, wait: true, pattern: 'first {1}' } })
  return { ...made, date: stampOf(Date.now()).slice(0, 8) }
}

const kinds: Readonly<Record<string, (date: string) => WorkflowCall>> = {
  'a snapshot of a disk': () => snapshotOf('web'),
  'a snapshot of a volume': () => snapshotOf('db'),
  'a clone of a disk': (date) => cloneOf('web', date),
  'a clone of a volume': (date) => cloneOf('db', date),
  'a restore of a disk': (date) => restoreOf('web', date),
  'a restore of a volume': (date) => restoreOf('db', date),
}

const snapshotOf = (instance: string): WorkflowCall => ({
  workflow: 'instance_snapshot',
  parameters: { instance, instance_stop: true, wait: true, max_snapshots: 1 },
})

const cloneOf = (instance: string, date: string): WorkflowCall => ({
  workflow: 'restore_clone_snapshot',
  parameters: { instance, date, clone_name: 'copy', wait: true, pattern: 'first {1}' },
})

const restoreOf = (instance: string, date: string): WorkflowCall => ({
  workflow: 'restore_inplace_snapshot',
  parameters: { instance, date, pattern: 'first {1}' },
})

describe('a scheduled snapshot that dies', () => {
  for (const [name, callFor] of Object.entries(kinds))
    it(`is carried on wherever it was: ${name} (FERMATA_SEED=${seed})`, async function () {
      this.timeout(600_000)
      await using here = await site()
      const call = callFor(here.date)
      // What a first run leaves for good, such as the volume that was booted from, is there from now on.
      await here.succeed(call)
      clear(here.cloud)
      const places = [...(await here.passedBy(call))]
      await here.cloud.idle()
      const wanted = here.inventory()
      clear(here.cloud)
      const random = seededRandom(seed)
      let missed = 0
      for (let left = deaths; left > 0; left--) {
        const [death] = places.splice(random.whole(0, places.length - 1), 1)
        if (death === undefined) break
        const what = `${death.kind} ${death.name} ${death.ordinal}`
        if (!(await here.killed(call, death))) missed++
        const { status, error } = await here.resume()
        expect(status, `${what}: ${JSON.stringify(error)}`).to.equal('terminated')
        await here.cloud.idle()
        expect(here.inventory(), what).to.deep.equal(wanted)
        clear(here.cloud)
      }
      tell(`openstack: ${deaths - missed} deaths in ${name}, nothing stray; ${missed} places not met`)
    })

  for (const instance of ['web', 'db'])
    it(`leaves a running server and nothing else when it is cancelled instead: ${instance}`, async function () {
      this.timeout(120_000)
      await using here = await site()
      const before = here.inventory()
      const name = instance === 'web' ? 'compute POST /servers/:id/action createImage' : 'volume POST /snapshots'
      const isKilled = await here.killed(snapshotOf(instance), { kind: 'call', name, ordinal: 1 })
      expect([isKilled, here.cloud.server(instance).isRunning]).to.deep.equal([true, false])
      const last = (await here.fermata.executions.list()).at(-1)
      const { status } = await here.fermata.executions.cancel(last?.id ?? '', { wait: true })
      await here.cloud.idle()
      expect([status, here.inventory()]).to.deep.equal(['cancelled', before])
    })
})

/** Away with all that the next run would make anew: clones, free volumes and snapshots but the first ones. */
function clear({ state, baseImage }: FakeOpenstack): void {
  for (const server of state.servers.values()) {
    if (server.name !== 'copy') continue
    for (const { volumeId } of server.attachments) state.volumes.delete(volumeId)
    state.servers.delete(server.id)
  }
  for (const { id, name } of state.images.values())
    if (id !== baseImage.id && !name?.startsWith('first ')) state.images.delete(id)
  for (const { id, name } of state.snapshots.values()) if (!name?.startsWith('first ')) state.snapshots.delete(id)
  const needed = new Set([...state.snapshots.values()].map(({ volumeId }) => volumeId))
  for (const { id, attachments } of state.volumes.values())
    if (attachments.length === 0 && !needed.has(id)) state.volumes.delete(id)
}

// Claim: an install of networks and all that hangs on them, and an uninstall, that is killed at a fault point, or right after
// any call had its effect on the cloud, is carried on to the end it would have had: each thing once, and none afterwards.
import { expect } from 'chai'
import { seededRandom } from '../../src/world/simulation/random.ts'
import { tell } from '../support/figures.ts'
import { cloudSite, type CloudSite } from '../support/openstack/backup-workflows.ts'
import { networkCollections, networkTopology } from '../support/openstack/network-topology.ts'
import type { WorkflowCall } from '../support/workflow-children.ts'

const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_311)
/** Of each workflow. */
const deaths = process.env['FERMATA_CRASH'] === 'full' ? 60 : 12

/** Those that can bear no mark, besides. */
const blueprint = `${networkTopology}
  key: {type: cloudify.nodes.openstack.KeyPair, properties: {client_config: {get_input: access}, resource_config: {name: shop}}}
  group: {type: cloudify.nodes.openstack.ServerGroup, properties: {client_config: {get_input: access}, resource_config: {name: shop}}}
`

const install: WorkflowCall = { workflow: 'install', parameters: {} }
const uninstall: WorkflowCall = { workflow: 'uninstall', parameters: {} }

const counts = ({ cloud }: CloudSite): Record<string, number> =>
  Object.fromEntries(
    [...networkCollections, 'keypairs', 'server_groups'].map((name) => [name, cloud.state.things(name).size]),
  )

describe('an openstack install that dies', () => {
  it(`is carried on wherever it was, and so is its uninstall (FERMATA_SEED=${seed})`, async function () {
    this.timeout(600_000)
    await using site = await cloudSite({ servers: [], blueprint })
    await site.succeed(uninstall)
    const empty = counts(site)
    const places = [...(await site.passedBy(install))]
    const full = counts(site)
    expect(full['ports']).to.equal((empty['ports'] ?? 0) + 2)
    const ends = [...(await site.passedBy(uninstall))]
    expect(counts(site)).to.deep.equal(empty)
    const random = seededRandom(seed)
    let missed = 0
    for (let left = deaths; left > 0; left--) {
      for (const [call, all, expected] of [
        [install, places, full],
        [uninstall, ends, empty],
      ] as const) {
        const [death] = all.splice(random.whole(0, all.length - 1), 1)
        if (death === undefined) throw new Error('there are too few places to die at')
        if (!(await site.killed(call, death))) missed++
        const { status, error } = await site.resume()
        const what = `${call.workflow}: ${death.kind} ${death.name} ${death.ordinal}`
        expect(status, `${what}: ${JSON.stringify(error)}`).to.equal('terminated')
        await site.cloud.idle()
        expect(counts(site), what).to.deep.equal(expected)
      }
    }
    tell(
      `openstack: ${2 * deaths - missed} deaths in installs and uninstalls of ${places.length + deaths} places each, each thing once`,
    )
  })
})

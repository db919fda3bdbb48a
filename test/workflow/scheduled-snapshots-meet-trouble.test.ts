// Claim: when the cloud has done what it was asked for and says that it failed, or loses its answer, scheduled snapshots, clones
// and restores find what they made and make nothing twice; a token that ends in the middle is renewed.
import { expect } from 'chai'
import { scheduledSite, type ScheduledSite } from '../support/openstack/scheduled-site.ts'

const troubles = { 'says 500': { status: 500, afterEffect: true }, 'loses its answer': { drop: 'after' } } as const

async function siteWith(isFromVolume: boolean): Promise<ScheduledSite> {
  const site = await scheduledSite()
  site.cloud.addServer({ name: 'web', isFromVolume, content: 'pages' })
  return site
}

const wanted = { instance: 'web', wait: true }
const createImage = 'compute POST /servers/:id/action createImage'
const asked = { false: createImage, true: 'volume POST /snapshots' } as const

describe('a cloud that does it and', function () {
  this.timeout(60_000)

  for (const [what, trouble] of Object.entries(troubles)) {
    for (const isFromVolume of [false, true]) {
      const kind = isFromVolume ? 'on a volume' : 'with its own disk'

      it(`${what} makes one snapshot of a server ${kind}`, async () => {
        await using site = await siteWith(isFromVolume)
        site.cloud.fail(asked[`${isFromVolume}`], trouble)
        await site.succeed('instance_snapshot', { ...wanted, instance_stop: true })
        expect(site.copies()).to.deep.equal(['web_snapshot_202611210500'])
        expect(site.cloud.server('web').status).to.equal('ACTIVE')
      })

      it(`${what} makes one clone of a server ${kind}`, async () => {
        await using site = await siteWith(isFromVolume)
        const { cloud } = site
        await site.succeed('instance_snapshot', wanted)
        cloud.fail('compute POST /servers', trouble)
        cloud.fail('volume POST /volumes', trouble)
        await site.succeed('restore_clone_snapshot', { ...wanted, date: '20261121', clone_name: 'copy' })
        expect([...cloud.state.servers.values()].map(({ name }) => name)).to.deep.equal(['web', 'copy'])
        expect(cloud.state.volumes.size).to.equal(isFromVolume ? 2 : 0)
        expect(cloud.server('copy').contents).to.deep.equal({ vda: 'pages' })
      })

      it(`${what} puts a server ${kind} back once`, async () => {
        await using site = await siteWith(isFromVolume)
        const { cloud } = site
        await site.succeed('instance_snapshot', wanted)
        cloud.server('web').write('others')
        for (const name of ['compute POST /servers', 'volume POST /volumes', createImage]) cloud.fail(name, trouble)
        await site.succeed('restore_inplace_snapshot', { ...wanted, date: '20261121' })
        expect([...cloud.state.servers.values()].map(({ name, status }) => `${name} ${status}`)).to.deep.equal([
          'web ACTIVE',
        ])
        expect(cloud.server('web').contents).to.deep.equal({ vda: 'pages' })
        expect(cloud.state.volumes.size).to.equal(isFromVolume ? 2 : 0)
        expect(site.copies()).to.have.length(isFromVolume ? 1 : 2)
      })
    }
  }

  it('takes no old token is given a new one', async () => {
    await using site = await siteWith(false)
    const { cloud, test } = site
    const taking = cloud.hold('server:image_snapshot')
    const run = test.start('instance_snapshot', { ...wanted, instance_stop: true })
    await site.reached(taking, run)
    cloud.expireTokens()
    taking.release()
    const { status, error } = await run.done
    expect(status, JSON.stringify(error)).to.equal('terminated')
    expect(site.copies()).to.deep.equal(['web_snapshot_202611210500'])
  })
})

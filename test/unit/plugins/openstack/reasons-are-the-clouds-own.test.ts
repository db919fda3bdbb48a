// Why something failed is found where the cloud tells it; that it tells nothing hides no failure.
import { expect } from 'chai'
import { closeSharedClouds } from '../../../../src/plugins/openstack/client/shared-clouds.ts'
import { actionReason, serverReason, volumeReason } from '../../../../src/plugins/openstack/reasons.ts'
import { connected, smallCloud, type SmallCloud } from './small-cloud.ts'

describe('OpenStack: the reason', () => {
  let cloud: SmallCloud
  beforeEach(async () => {
    cloud = await smallCloud()
  })
  afterEach(async () => {
    await closeSharedClouds()
    await cloud[Symbol.asyncDispose]()
  })
  const actions = '/compute/v2.1/servers/s1/os-instance-actions'

  it('of a server that failed is its own, or else that of its newest action', async () => {
    cloud.routes.set(`GET ${actions}`, () => ({
      body: {
        instanceActions: [
          { action: 'createImage', request_id: 'req-2', message: 'Error' },
          { action: 'create', request_id: 'req-1', message: null },
        ],
      },
    }))
    cloud.routes.set(`GET ${actions}/req-2`, () => ({
      body: { instanceAction: { events: [{ event: 'compute_snapshot', result: 'Error', details: 'disk is full' }] } },
    }))
    const one = await connected(cloud)
    expect(await serverReason(one, { id: 's1', fault: { message: 'No valid host' } })).to.equal('No valid host')
    expect(await serverReason(one, { id: 's1' })).to.equal(
      "'createImage' failed in compute_snapshot: disk is full (req-2)",
    )
    expect(cloud.seen.at(-1)?.headers['openstack-api-version']).to.equal('compute 2.84')
  })

  it('is none when the newest action went well, or nobody may see it', async () => {
    cloud.routes.set(`GET ${actions}`, () => ({
      body: { instanceActions: [{ action: 'suspend', request_id: 'req-2', message: null }] },
    }))
    const one = await connected(cloud)
    expect(await actionReason(one, 's1')).to.equal(undefined)
    cloud.routes.set(`GET ${actions}`, () => ({ status: 403, body: { forbidden: { message: 'no' } } }))
    expect(await actionReason(one, 's1')).to.equal(undefined)
  })

  it('of a volume that failed is the newest message about it', async () => {
    cloud.routes.set('GET /volume/v3/project-1/messages', () => ({
      body: {
        messages: [
          { resource_uuid: 'other', user_message: 'not this one' },
          { resource_uuid: 'v1', user_message: 'schedule allocate volume: no space' },
        ],
      },
    }))
    expect(await volumeReason(await connected(cloud), 'v1')).to.equal('schedule allocate volume: no space')
    cloud.routes.delete('GET /volume/v3/project-1/messages')
    expect(await volumeReason(await connected(cloud), 'v1')).to.equal(undefined)
  })
})

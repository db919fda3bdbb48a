// A trust is made once, whatever becomes of the answer, lends no more than was asked, and is gone when it is deleted.
import { expect } from 'chai'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import { createTrust, deleteTrust } from '../../../../../src/plugins/openstack/client/trusts.ts'
import { connected, faultOf, smallCloud, type SmallCloud } from '../small-cloud.ts'

const path = '/identity/v3/OS-TRUST/trusts'

describe('OpenStack: a trust', () => {
  let cloud: SmallCloud
  const trusts = new Map<string, JsonObject>()
  const keep = (body: string): JsonObject => {
    const id = `trust-${trusts.size + 1}`
    const made = { ...(JSON.parse(body) as { trust: JsonObject }).trust, id }
    trusts.set(id, made)
    cloud.routes.set(`GET ${path}/${id}`, () =>
      trusts.has(id) ? { body: { trust: made } } : { status: 404, body: { error: { message: 'gone' } } },
    )
    cloud.routes.set(`DELETE ${path}/${id}`, () =>
      trusts.delete(id) ? { status: 204 } : { status: 404, body: { error: { message: 'gone' } } },
    )
    return made
  }
  beforeEach(async () => {
    cloud = await smallCloud()
    trusts.clear()
    cloud.routes.set(`GET ${path}`, () => ({
      body: { trusts: [...trusts.values()].map(({ roles: _roles, ...rest }) => rest), links: { next: null } },
    }))
    cloud.routes.set(`POST ${path}`, ({ body }) => ({ status: 201, body: { trust: keep(body) } }))
  })
  afterEach(async () => {
    await closeSharedClouds()
    await cloud[Symbol.asyncDispose]()
  })

  it('lends the roles that were named, of this project, until it ends', async () => {
    const endsAt = Date.UTC(2027, 0, 1)
    const id = await createTrust(await connected(cloud), { trusteeId: 'fermata', roles: ['member'], endsAt })
    expect(trusts.get(id)).to.deep.equal({
      id,
      trustor_user_id: 'user-1',
      trustee_user_id: 'fermata',
      project_id: 'project-1',
      impersonation: true,
      expires_at: '2027-01-01T00:00:00.000Z',
      roles: [{ name: 'member' }],
    })
  })

  it('is not made a second time after its answer was lost, but is for other roles', async () => {
    const one = await connected(cloud)
    cloud.routes.set(`POST ${path}`, ({ body }, response) => {
      keep(body)
      response.socket?.destroy()
    })
    expect(await faultOf(createTrust(one, { trusteeId: 'fermata', roles: ['a', 'b'] }))).to.include({
      effect: 'unknown',
    })
    expect(await createTrust(one, { trusteeId: 'fermata', roles: ['b', 'a'] })).to.equal('trust-1')
    cloud.routes.set(`POST ${path}`, ({ body }) => ({ status: 201, body: { trust: keep(body) } }))
    expect(await createTrust(one, { trusteeId: 'fermata', roles: ['a'] })).to.equal('trust-2')
  })

  it('is deleted, and deleting it again is no error', async () => {
    const one = await connected(cloud)
    const id = await createTrust(one, { trusteeId: 'fermata', roles: ['member'] })
    await deleteTrust(one, id)
    expect(trusts.size).to.equal(0)
    await deleteTrust(one, id)
  })

  it('that cannot be deleted is a fault', async () => {
    const one = await connected(cloud)
    const id = await createTrust(one, { trusteeId: 'fermata', roles: ['member'] })
    cloud.routes.set(`DELETE ${path}/${id}`, () => ({ status: 403, body: { error: { message: 'not yours' } } }))
    expect((await faultOf(deleteTrust(one, id))).code).to.equal('openstack.denied')
  })
})

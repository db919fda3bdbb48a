// Everybody with the same credentials shares one token; it is renewed in time, and once when a cloud no longer takes it.
import { expect } from 'chai'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import { connected, faultOf, planted, smallCloud, testUser, wholeText, type SmallCloud } from '../small-cloud.ts'

describe('OpenStack: a token', () => {
  let cloud: SmallCloud
  beforeEach(async () => {
    cloud = await smallCloud()
    cloud.routes.set('GET /compute/v2.1/servers/1', () => ({ body: { server: { id: '1' } } }))
  })
  afterEach(async () => {
    await closeSharedClouds()
    await cloud[Symbol.asyncDispose]()
  })
  const read = { service: 'compute', method: 'GET', path: '/servers/1' } as const
  const count = (start: string): number => cloud.seen.filter(({ line }) => line.startsWith(start)).length

  it('is asked for once, however many ask at the same time', async () => {
    const clouds = await Promise.all(Array.from({ length: 20 }, () => connected(cloud)))
    await Promise.all(clouds.map((one) => one.request(read)))
    expect(cloud.tokens).to.have.lengthOf(1)
    expect(clouds[0]).to.include({ projectId: 'project-1', userId: 'user-1', region: 'one' })
    expect(count('GET')).to.equal(20)
  })

  it('is another one for other credentials', async () => {
    await connected(cloud)
    await connected(cloud, { project_name: 'other' })
    expect(cloud.tokens).to.have.lengthOf(2)
  })

  it('is renewed before it ends, and kept until then', async () => {
    await using short = await smallCloud({ lifetime: 0.4 })
    short.routes.set('GET /compute/v2.1/servers/1', () => ({ body: {} }))
    const one = await connected(short)
    await one.request(read)
    expect(short.tokens).to.have.lengthOf(1)
    const { clock } = one.world
    const end = clock.monotonic() + 5000
    while (short.tokens.length < 2 && clock.monotonic() < end) await one.request(read)
    expect(short.tokens).to.have.lengthOf(2)
    expect(
      short.seen.filter(({ line }) => line.startsWith('GET')).every(({ headers }) => headers['x-auth-token']),
    ).to.equal(true)
  })

  it('that is refused at the door is replaced, and the same request is sent once more', async () => {
    cloud.routes.set('POST /compute/v2.1/servers/1/action', () => ({ status: 202 }))
    const one = await connected(cloud)
    cloud.good.clear()
    const answer = await one.request({
      service: 'compute',
      method: 'POST',
      path: '/servers/1/action',
      body: { suspend: null },
    })
    expect(answer.status).to.equal(202)
    expect(cloud.tokens).to.have.lengthOf(2)
    const sent = cloud.seen.filter(({ line }) => line.includes('/action'))
    expect(sent.map(({ body, headers }) => [body, headers['x-auth-token']])).to.deep.equal(
      cloud.tokens.map((token) => ['{"suspend":null}', token]),
    )
  })

  it('that many find refused is replaced once', async () => {
    const one = await connected(cloud)
    cloud.good.clear()
    await Promise.all(Array.from({ length: 10 }, () => one.request(read)))
    expect(cloud.tokens).to.have.lengthOf(2)
  })

  it('refused again is a fault, and no third request', async () => {
    const one = await connected(cloud)
    cloud.routes.set('GET /compute/v2.1/servers/1', () => ({ status: 401, body: { error: { message: 'no' } } }))
    const fault = await faultOf(one.request(read))
    expect(fault).to.include({ code: 'openstack.denied', effect: 'none', retry: 'never' })
    expect(count('GET')).to.equal(2)
  })

  it('is not blamed for a 401 out of the middle of a change: that may be done in half', async () => {
    cloud.routes.set('POST /compute/v2.1/servers', () => ({
      status: 401,
      body: { error: { message: 'neutron says 401' } },
    }))
    const one = await connected(cloud)
    const fault = await faultOf(one.request({ service: 'compute', method: 'POST', path: '/servers', body: {} }))
    expect(fault).to.include({ code: 'openstack.denied', effect: 'unknown' })
    expect(count('POST /compute')).to.equal(1)
  })

  it('that nobody may have is refused in the words of the cloud, without the password', async () => {
    const fault = await faultOf(connected(cloud, { password: 'an0ther-passw0rd' }))
    expect(fault).to.include({ code: 'openstack.refused', effect: 'none', retry: 'never', blame: 'user' })
    expect(fault.message).to.match(/refused to let us in: wrong: \*+$/)
    expect(wholeText(fault)).to.not.include('an0ther-passw0rd')
    expect(cloud.tokens).to.deep.equal([])
  })

  it('that was refused is asked for again by the next one who comes', async () => {
    const grant = cloud.routes.get('POST /identity/v3/auth/tokens')
    cloud.routes.set('POST /identity/v3/auth/tokens', () => ({ status: 503, body: 'down' }))
    expect(await faultOf(connected(cloud))).to.include({ code: 'openstack.failed', effect: 'none', retry: 'later' })
    if (grant) cloud.routes.set('POST /identity/v3/auth/tokens', grant)
    expect((await connected(cloud)).projectId).to.equal('project-1')
  })

  it('is waited for only as long as one likes', async () => {
    const user = testUser()
    const reached = new Promise<void>((resolve) => {
      cloud.routes.set('POST /identity/v3/auth/tokens', () => new Promise(() => resolve()))
    })
    const work = connected(cloud, {}, user).catch((thrown: unknown) => thrown)
    await reached
    user.leaving.abort(new Error('cancelled'))
    expect(await work).to.have.property('message', 'cancelled')
  })

  for (const { what, config, asked } of [
    {
      what: 'a password',
      config: {},
      asked: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'lab', domain: { name: 'Default' }, password: planted.password } },
        },
        scope: { project: { name: 'lab', domain: { name: 'Default' } } },
      },
    },
    {
      what: 'an application credential',
      config: { application_credential_id: 'app-1', application_credential_secret: 's3cret' },
      asked: {
        identity: { methods: ['application_credential'], application_credential: { id: 'app-1', secret: 's3cret' } },
      },
    },
    {
      what: 'a token',
      config: { auth_type: 'v3token', token: 'older', project_id: 'p' },
      asked: { identity: { methods: ['token'], token: { id: 'older' } }, scope: { project: { id: 'p' } } },
    },
    {
      what: 'a trust',
      config: { user_id: 'u', trust_id: 'trust-1' },
      asked: {
        identity: { methods: ['password'], password: { user: { id: 'u', password: planted.password } } },
        scope: { 'OS-TRUST:trust': { id: 'trust-1' } },
      },
    },
  ]) {
    it(`is had for ${what}`, async () => {
      await connected(cloud, config)
      expect(JSON.parse(cloud.seen[0]?.body ?? '')).to.deep.equal({ auth: asked })
    })
  }
})

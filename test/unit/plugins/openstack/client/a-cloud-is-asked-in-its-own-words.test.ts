// Services are found in the catalog, spoken to in a version that they know, listed page by page, and never by more requests
// at a time than was agreed.
import { expect } from 'chai'
import type { Json } from '../../../../../src/kernel/json.ts'
import type { Cloud } from '../../../../../src/plugins/openstack/client/cloud.ts'
import { pathOf } from '../../../../../src/plugins/openstack/client/cloud.ts'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import {
  connected,
  faultOf,
  planted,
  smallCloud,
  testUser,
  usualCatalog,
  wholeText,
  type SmallCloud,
} from '../small-cloud.ts'

describe('OpenStack: a cloud', () => {
  let cloud: SmallCloud
  beforeEach(async () => {
    cloud = await smallCloud()
  })
  afterEach(async () => {
    await closeSharedClouds()
    await cloud[Symbol.asyncDispose]()
  })
  const lines = (): string[] => cloud.seen.map(({ line }) => line).filter((line) => !line.includes('/auth/tokens'))

  describe('is found in its catalog', () => {
    for (const [service, path, line] of [
      ['compute', '/servers', 'GET /compute/v2.1/servers'],
      ['volume', '/volumes/detail', 'GET /volume/v3/project-1/volumes/detail'],
      ['image', '/images', 'GET /image/v2/images'],
      ['network', '/networks', 'GET /network/v2.0/networks'],
      ['identity', '/users', 'GET /identity/v3/users'],
    ] as const) {
      it(`${service}`, async () => {
        cloud.routes.set(line, () => ({ body: {} }))
        await (await connected(cloud)).request({ service, method: 'GET', path })
        expect(lines()).to.deep.equal([line])
      })
    }

    it('at the interface that was named', async () => {
      cloud.routes.set('GET /inside/compute/v2.1/servers', () => ({ body: {} }))
      const one = await connected(cloud, { interface: 'internal' })
      await one.request({ service: 'compute', method: 'GET', path: '/servers' })
      expect(lines()).to.deep.equal(['GET /inside/compute/v2.1/servers'])
    })

    it('at the address that was given instead', async () => {
      cloud.routes.set('GET /elsewhere/v3/project-1/volumes', () => ({ body: {} }))
      const one = await connected(cloud, { volume_endpoint_override: `${cloud.origin}/elsewhere/v3/%(project_id)s` })
      await one.request({ service: 'volume', method: 'GET', path: '/volumes' })
      expect(lines()).to.deep.equal(['GET /elsewhere/v3/project-1/volumes'])
    })

    it('or not, and the fault names what there is', async () => {
      await using bare = await smallCloud({ catalog: (origin) => usualCatalog(origin).slice(0, 2) })
      const one = await connected(bare)
      expect(['compute', 'volume', 'image', 'network'].map((name) => one.offers(name as 'image'))).to.deep.equal([
        true,
        true,
        false,
        false,
      ])
      const fault = await faultOf(one.request({ service: 'image', method: 'GET', path: '/images' }))
      expect(fault).to.include({ code: 'openstack.no_service', effect: 'none', retry: 'never' })
      expect(fault.message).to.include("no image service in region 'one' at its public interface")
      expect(fault.hint).to.include('compute, volumev3')
    })

    it('under the newer name for volumes, and never as the version that is gone', async () => {
      const named = (type: string, path: string) => (origin: string) =>
        [{ type, endpoints: [{ interface: 'public', region: 'one', url: `${origin}${path}` }] }] as Json
      await using newer = await smallCloud({ catalog: named('block-storage', '/bs/v3') })
      newer.routes.set('GET /bs/v3/volumes', () => ({ body: {} }))
      await (await connected(newer)).request({ service: 'volume', method: 'GET', path: '/volumes' })
      await using older = await smallCloud({ catalog: named('volume', '/v1/project-1') })
      expect((await connected(older)).offers('volume')).to.equal(false)
    })

    it('in the region that was named, and in no other', async () => {
      const both = (origin: string): Json[] => [
        ...usualCatalog(origin, 'one'),
        ...usualCatalog(`${origin}/second`, 'two'),
      ]
      await using two = await smallCloud({ catalog: both })
      two.routes.set('GET /second/compute/v2.1/servers', () => ({ body: {} }))
      const one = await connected(two, { region_name: 'two' })
      expect(one.region).to.equal('two')
      await one.request({ service: 'compute', method: 'GET', path: '/servers' })
      expect(two.seen.at(-1)?.line).to.equal('GET /second/compute/v2.1/servers')
      const unnamed = await faultOf(connected(two))
      expect(unnamed.message).to.equal("property 'client_config.region_name': name one of one, two")
      const unknown = await faultOf(connected(two, { region_name: 'three' }))
      expect([unknown.code, unknown.hint]).to.deep.equal(['openstack.no_region', 'it has one, two'])
    })
  })

  describe('is spoken to in a version that it knows', () => {
    it('which is asked for once', async () => {
      cloud.routes.set('GET /compute/v2.1/servers', () => ({ body: {} }))
      const one = await connected(cloud)
      const get = { service: 'compute', method: 'GET', path: '/servers' } as const
      await Promise.all([one.request({ ...get, microversion: '2.45' }), one.request({ ...get, microversion: '2.1' })])
      await (await connected(cloud)).request(get)
      expect(lines().filter((line) => line === 'GET /compute/v2.1/')).to.have.lengthOf(1)
      const sent = cloud.seen.filter(({ line }) => line.endsWith('/servers'))
      expect(sent.map(({ headers }) => headers['openstack-api-version']).toSorted()).to.deep.equal([
        'compute 2.1',
        'compute 2.45',
        undefined,
      ])
    })

    it('and a newer one is a fault that names both, before anything is sent', async () => {
      const one = await connected(cloud)
      const fault = await faultOf(
        one.request({
          service: 'volume',
          method: 'POST',
          path: '/volumes/1/action',
          body: { revert: {} },
          microversion: '3.71',
        }),
      )
      expect(fault).to.include({ code: 'openstack.no_microversion', effect: 'none', retry: 'never' })
      expect(fault.message).to.equal(
        'volume of this cloud cannot do it: it needs version 3.71, and the cloud has 3.0 to 3.70',
      )
      expect(lines()).to.deep.equal(['GET /volume/v3/'])
    })

    it('so that one can ask what it can do', async () => {
      const one = await connected(cloud)
      expect(await one.microversions('volume')).to.deep.equal({ min: '3.0', max: '3.70' })
      expect(await one.supports('volume', '3.9')).to.equal(true)
      expect(await one.supports('volume', '3.100')).to.equal(false)
      expect(await one.bestVersion('compute', '2.93')).to.equal('2.90')
      expect(await one.bestVersion('compute', '2.48')).to.equal('2.48')
      expect(await one.bestVersion('compute', '1.9')).to.equal(undefined)
    })

    it('and is asked again when it could not tell', async () => {
      const known = cloud.routes.get('GET /compute/v2.1/')
      cloud.routes.set('GET /compute/v2.1/', () => ({ status: 503 }))
      const one = await connected(cloud)
      expect((await faultOf(one.supports('compute', '2.45'))).code).to.equal('openstack.failed')
      if (known) cloud.routes.set('GET /compute/v2.1/', known)
      expect(await one.supports('compute', '2.45')).to.equal(true)
    })
  })

  describe('gives its lists page by page', () => {
    const all = async (one: Cloud, list: Parameters<Cloud['pages']>[0], collection: string): Promise<Json[]> => {
      const items: Json[] = []
      for await (const item of one.pages(list, collection)) items.push(item)
      return items
    }
    const pages = (line: string, given: readonly ((query: URLSearchParams) => Json)[]): void => {
      let page = 0
      cloud.routes.set(line, ({ line: asked }) => {
        const query = new URLSearchParams(asked.split('?')[1] ?? '')
        return { body: given[Math.min(page++, given.length - 1)]?.(query) ?? null }
      })
    }

    it('as Nova and Cinder do, whatever host their links name', async () => {
      pages('GET /compute/v2.1/servers', [
        () => ({
          servers: [1, 2],
          servers_links: [{ rel: 'next', href: 'http://inside:8774/servers?limit=2&marker=2' }],
        }),
        (query) => ({ servers: [`${query.get('limit')}-${query.get('marker')}`] }),
      ])
      const list = { service: 'compute', path: '/servers', query: { limit: 2 } } as const
      expect(await all(await connected(cloud), list, 'servers')).to.deep.equal([1, 2, '2-2'])
    })

    it('as Glance does', async () => {
      pages('GET /image/v2/images', [
        () => ({ images: [1], next: '/v2/images?marker=1&tag=a&tag=b' }),
        (query) => ({ images: [query.getAll('tag').join('+')] }),
      ])
      expect(await all(await connected(cloud), { service: 'image', path: '/images' }, 'images')).to.deep.equal([
        1,
        'a+b',
      ])
    })

    it('as Keystone does', async () => {
      pages('GET /identity/v3/users', [() => ({ users: [1], links: { next: null, self: 'x?y=1' } })])
      expect(await all(await connected(cloud), { service: 'identity', path: '/users' }, 'users')).to.deep.equal([1])
    })

    it('which come to an end even when the cloud goes round in circles', async () => {
      pages('GET /image/v2/images', [() => ({ images: [1], next: '/v2/images?marker=1' })])
      const fault = await faultOf(all(await connected(cloud), { service: 'image', path: '/images' }, 'images'))
      expect(fault).to.include({ code: 'openstack.bad_answer', effect: 'none' })
      expect(fault.message).to.include('round in circles')
      expect(lines()).to.have.lengthOf(2)
    })

    it('which are lists', async () => {
      pages('GET /image/v2/images', [() => ({ servers: [] })])
      const fault = await faultOf(all(await connected(cloud), { service: 'image', path: '/images' }, 'images'))
      expect(fault.message).to.include("it has no list 'images'")
    })
  })

  it('tells what is not there from what cannot be found out', async () => {
    const one = await connected(cloud)
    expect(await one.find({ service: 'compute', path: '/servers/1' })).to.equal(undefined)
    cloud.routes.set('GET /compute/v2.1/servers/1', () => ({ status: 404, body: '<html>nginx</html>' }))
    expect((await faultOf(one.find({ service: 'compute', path: '/servers/1' }))).code).to.equal('openstack.bad_answer')
    cloud.routes.set('GET /compute/v2.1/servers/1', () => ({ status: 500 }))
    expect((await faultOf(one.find({ service: 'compute', path: '/servers/1' }))).code).to.equal('openstack.failed')
    cloud.routes.set('GET /compute/v2.1/servers/1', () => ({ body: { server: { id: '1' } } }))
    expect(await one.find({ service: 'compute', path: '/servers/1' })).to.deep.equal({ server: { id: '1' } })
  })

  it('never has more requests at a time than was agreed, over as many connections, urgent ones first', async () => {
    let now = 0
    let most = 0
    const order: string[] = []
    const waiting: (() => void)[] = []
    cloud.routes.set('GET /compute/v2.1/servers', async ({ line }) => {
      order.push(line.split('?')[1] ?? '')
      most = Math.max(most, ++now)
      await new Promise<void>((resolve) => waiting.push(resolve))
      now -= 1
      return { body: {} }
    })
    const one = await connected(cloud, { max_requests: 3 })
    const other = await connected(cloud, { max_requests: 3, project_name: 'other' })
    const get = (n: string, from: Cloud, isUrgent = false): Promise<unknown> =>
      from.request({ service: 'compute', method: 'GET', path: '/servers', query: { n }, isUrgent })
    let open = 13
    const work = [
      ...Array.from({ length: 12 }, (_, index) => get(String(index), index % 2 ? one : other)),
      get('thaw', one, true),
    ].map((each) => each.then(() => (open -= 1)))
    while (open > 0) {
      await new Promise(setImmediate)
      // Not one of them is let go before there are as many as there may be.
      if (waiting.length === Math.min(3, open)) for (const leave of waiting.splice(0, 1)) leave()
    }
    await Promise.all(work)
    expect(most).to.equal(3)
    expect(order.indexOf('n=thaw')).to.equal(3)
    expect(cloud.connections()).to.be.at.most(3)
  })

  it('is told of in the log: what changes and what fails, by the ids of its requests', async () => {
    const user = testUser()
    const one = await connected(cloud, {}, user)
    cloud.routes.set('POST /compute/v2.1/servers/1/action', () => ({ status: 202 }))
    cloud.routes.set('GET /compute/v2.1/servers', () => ({ body: {} }))
    await one.request({ service: 'compute', method: 'GET', path: '/servers' })
    await one.request({ service: 'compute', method: 'POST', path: '/servers/1/action', body: { 'os-stop': null } })
    await faultOf(one.request({ service: 'compute', method: 'GET', path: '/servers/2' }))
    expect(user.lines.map((line) => line.replace(/\d+ ms$/, 'N ms'))).to.deep.equal([
      'DEBUG: POST compute /servers/1/action os-stop: 202, req-answer-3, in N ms',
      'DEBUG: GET compute /servers/2: openstack.not_found, req-answer-4, in N ms',
    ])
  })

  it('takes files in pieces, and sends none of them twice', async () => {
    async function* pieces(): AsyncIterable<Uint8Array> {
      yield Buffer.from('first ')
      yield Buffer.from('second')
    }
    cloud.routes.set('PUT /image/v2/images/1/file', () => ({ status: 204 }))
    const one = await connected(cloud)
    const put = { service: 'image', method: 'PUT', path: '/images/1/file' } as const
    expect((await one.request({ ...put, content: pieces() })).status).to.equal(204)
    expect(cloud.seen.at(-1)).to.include({ body: 'first second' })
    expect(cloud.seen.at(-1)?.headers['content-type']).to.equal('application/octet-stream')
    cloud.good.clear()
    const fault = await faultOf(one.request({ ...put, content: pieces() }))
    expect(fault).to.include({ code: 'openstack.busy', effect: 'none', retry: 'now' })
    expect((await one.request({ ...put, content: pieces() })).status).to.equal(204)
    expect((await one.request({ ...put, content: Buffer.from('whole') })).status).to.equal(204)
    expect(cloud.seen.at(-1)).to.include({ body: 'whole' })
  })

  it('takes ids as they are, whatever is in them', () => {
    expect(pathOf`/servers/${'a/../b?c'}/action`).to.equal('/servers/a%2F..%2Fb%3Fc/action')
  })

  it('is told passwords, and nobody else is', async () => {
    const user = testUser()
    const one = await connected(cloud, {}, user)
    const secrets = ['adm1n-pass-planted', 'us3r-data-planted']
    const [adminPass = '', user_data = ''] = secrets
    cloud.routes.set('POST /compute/v2.1/servers', ({ body, headers }) => ({
      status: 400,
      // As careless as can be.
      body: { badRequest: { message: `Invalid: ${body} ${JSON.stringify(headers)}` } },
    }))
    const body = { server: { name: 'shown', adminPass, user_data } }
    const fault = await faultOf(one.request({ service: 'compute', method: 'POST', path: '/servers', body }))
    const told = `${wholeText(fault)} ${user.lines.join('\n')}`
    expect(told).to.include('shown')
    for (const secret of [...secrets, planted.password, ...cloud.tokens]) expect(told).to.not.include(secret)
    cloud.routes.set('POST /compute/v2.1/servers', (_request, response) => void response.socket?.destroy())
    const lost = await faultOf(one.request({ service: 'compute', method: 'POST', path: '/servers', body }))
    for (const secret of [...secrets, planted.password, ...cloud.tokens]) expect(wholeText(lost)).to.not.include(secret)
  })
})

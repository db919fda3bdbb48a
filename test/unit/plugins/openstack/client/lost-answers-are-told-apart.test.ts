// What was never sent, what can have done nothing, and what nobody knows: a fault says which of them it is.
import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import { connected, faultOf, planted, smallCloud, testUser, wholeText, type SmallCloud } from '../small-cloud.ts'

const change = { service: 'compute', method: 'POST', path: '/servers', body: { server: {} } } as const
const read = { service: 'compute', method: 'GET', path: '/servers' } as const

describe('OpenStack: a lost answer', () => {
  let cloud: SmallCloud
  beforeEach(async () => {
    cloud = await smallCloud()
  })
  afterEach(async () => {
    await closeSharedClouds()
    await cloud[Symbol.asyncDispose]()
  })

  for (const [request, effect] of [
    [change, 'unknown'],
    [read, 'none'],
  ] as const) {
    const route = `${request.method} /compute/v2.1/servers`

    it(`of a ${request.method} that the cloud broke off has effect ${effect}`, async () => {
      cloud.routes.set(route, (_request, response) => void response.socket?.destroy())
      const fault = await faultOf((await connected(cloud)).request(request))
      expect(fault).to.include({ code: 'openstack.connection_lost', effect, retry: 'later', blame: 'network' })
      expect(String(fault.details['requestId'])).to.match(/^req-[0-9a-f-]{36}$/)
      // The cloud has seen the same id, so that its own log can tell what became of it.
      expect(cloud.seen.at(-1)?.headers['x-openstack-request-id']).to.equal(fault.details['requestId'])
      expect(cloud.seen.filter(({ line }) => line === route)).to.have.lengthOf(1)
    })

    it(`of a ${request.method} that was broken off in its middle has effect ${effect}`, async () => {
      cloud.routes.set(route, (_request, response) => {
        response.writeHead(202, { 'content-length': '1000' })
        response.write('{"server": ', () => response.socket?.destroy())
      })
      expect(await faultOf((await connected(cloud)).request(request))).to.include({
        code: 'openstack.connection_lost',
        effect,
      })
    })

    it(`of a ${request.method} that does not come in time has effect ${effect}`, async () => {
      cloud.routes.set(route, () => new Promise(() => {}))
      const fault = await faultOf((await connected(cloud)).request({ ...request, deadline: 50 }))
      expect(fault).to.include({ code: 'openstack.no_answer', effect, retry: 'later' })
      expect(fault.message).to.include('50 ms')
    })

    it(`of a ${request.method} that has no end has effect ${effect}`, async () => {
      cloud.routes.set(route, (_request, response) => {
        response.writeHead(200)
        const more = Buffer.alloc(1024 * 1024, 32)
        const go = (): void => {
          while (!response.destroyed && response.write(more));
          if (!response.destroyed) response.once('drain', go)
        }
        go()
      })
      const fault = await faultOf((await connected(cloud)).request(request))
      expect(fault).to.include({ code: 'openstack.bad_answer', effect })
      expect(fault.message).to.include('more than 16777216 bytes')
    })

    it(`of a ${request.method} that is no JSON has effect ${effect}`, async () => {
      cloud.routes.set(route, () => ({ body: '<html>please sign in</html>' }))
      expect(await faultOf((await connected(cloud)).request(request))).to.include({
        code: 'openstack.bad_answer',
        effect,
      })
    })
  }

  it('that we no longer wait for is the reason why, where nothing can have happened', async () => {
    const user = testUser()
    cloud.routes.set('GET /compute/v2.1/servers', () => new Promise(() => user.leaving.abort(new Error('cancelled'))))
    const one = await connected(cloud, {}, user)
    const thrown: unknown = await one.request(read).catch((problem: unknown) => problem)
    expect(thrown).to.have.property('message', 'cancelled')
  })

  it('that we no longer wait for may be one of a change that is done', async () => {
    const user = testUser()
    cloud.routes.set('POST /compute/v2.1/servers', () => new Promise(() => user.leaving.abort(new Error('cancelled'))))
    const one = await connected(cloud, {}, user)
    expect(await faultOf(one.request(change))).to.include({ code: 'openstack.given_up', effect: 'unknown' })
  })

  it('is none when the change was never sent', async () => {
    const user = testUser()
    const one = await connected(cloud, { max_requests: 1 }, user)
    let leave = (): void => {}
    cloud.routes.set('GET /compute/v2.1/servers', () => new Promise((resolve) => (leave = () => resolve({ body: {} }))))
    const first = one.request(read)
    const leaving = new AbortController()
    const waiting = one.request({ ...change, signal: leaving.signal }).catch((problem: unknown) => problem)
    leaving.abort(new Error('cancelled'))
    expect(await waiting).to.have.property('message', 'cancelled')
    while (cloud.seen.every(({ line }) => line !== 'GET /compute/v2.1/servers')) await new Promise(setImmediate)
    leave()
    await first
    expect(cloud.seen.map(({ line }) => line)).to.not.include('POST /compute/v2.1/servers')
  })

  it('is none when nobody listens', async () => {
    const closed = createServer()
    const port = await new Promise<number>((resolve) =>
      closed.listen(0, '127.0.0.1', () => resolve((closed.address() as AddressInfo).port)),
    )
    await new Promise((resolve) => closed.close(resolve))
    const one = await connected(cloud, { compute_endpoint_override: `http://127.0.0.1:${port}/v2.1` })
    const fault = await faultOf(one.request(change))
    expect(fault).to.include({ code: 'openstack.unreachable', effect: 'none', retry: 'later', blame: 'network' })
    expect(fault.message).to.include(`127.0.0.1:${port}`)
  })
})

describe('OpenStack: certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fermata-test-'))
  const key = join(folder, 'key.pem')
  const cert = join(folder, 'cert.pem')
  let cloud: SmallCloud
  before(async () => {
    const named = ['-subj', '/CN=cloud', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert]
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    execFileSync('openssl', ['req', '-x509', ...kind, ...named], { stdio: 'ignore' })
    cloud = await smallCloud({ tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') } })
  })
  after(async () => {
    await closeSharedClouds()
    await cloud[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  it('that nobody vouches for are refused before a password is told', async () => {
    const fault = await faultOf(connected(cloud))
    expect(fault).to.include({ code: 'openstack.bad_certificate', effect: 'none', retry: 'never', blame: 'user' })
    expect(fault.hint).to.include('ca_cert')
    expect(wholeText(fault)).to.not.include(planted.password)
    expect(cloud.seen).to.deep.equal([])
  })

  it('of an authority of one`s own are good, given as a path or as text', async () => {
    expect((await connected(cloud, { ca_cert: cert })).projectId).to.equal('project-1')
    expect((await connected(cloud, { cacert: readFileSync(cert, 'utf8'), project_name: 'x' })).projectId).to.equal(
      'project-1',
    )
  })

  it('are not looked at when told so, which is said once in each execution', async () => {
    const user = testUser('execution-7')
    await connected(cloud, { insecure: 'True' }, user)
    await connected(cloud, { insecure: 'True' }, user)
    expect(user.lines.filter((line) => line.startsWith('WARNING'))).to.deep.equal([
      `WARNING: the certificate of ${cloud.origin} is not checked (insecure): whoever is in between can read and change all`,
    ])
  })

  it('named by a path that leads nowhere are a fault that names it', async () => {
    const fault = await faultOf(connected(cloud, { ca_cert: '/nowhere/ca.pem' }))
    expect(fault.code).to.equal('openstack.unreadable_file')
    expect(fault.message).to.include('/nowhere/ca.pem')
  })
})

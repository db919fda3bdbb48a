// Tests plant trouble in the fake cloud: what they plant must happen, once, and have the effect that it says.
import { expect } from 'chai'
import { request } from 'undici'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { fakeOpenstack, type FakeOpenstack } from '../support/openstack/fake-openstack.ts'

const createVolume = 'volume POST /volumes'

async function tokenOf(cloud: FakeOpenstack): Promise<string> {
  const domain = { name: 'Default' }
  const { name, password } = cloud.user
  const identity = { methods: ['password'], password: { user: { name, domain, password } } }
  const scope = { project: { name: cloud.project.name, domain } }
  const { headers } = await call(cloud, 'POST', '/identity/v3/auth/tokens', { body: { auth: { identity, scope } } })
  return String(headers['x-subject-token'])
}

async function call(
  cloud: FakeOpenstack,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  { token, body }: { readonly token?: string; readonly body?: Json } = {},
) {
  const answer = await request(`${cloud.origin}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { 'x-auth-token': token }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.body.text()
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: (text === '' ? {} : JSON.parse(text)) as JsonObject,
  }
}

/** Asks for a volume of this name; the status, or that there was none. */
async function ask(cloud: FakeOpenstack, token: string, name: string): Promise<number | 'gone'> {
  const path = `/volume/v3/${cloud.project.id}/volumes`
  try {
    return (await call(cloud, 'POST', path, { token, body: { volume: { size: 1, name } } })).status
  } catch {
    return 'gone'
  }
}

describe('the fake cloud gives trouble on demand', () => {
  let cloud: FakeOpenstack
  let token: string

  beforeEach(async () => {
    cloud = await fakeOpenstack()
    token = await tokenOf(cloud)
  })
  afterEach(() => cloud.close())

  const names = () => [...cloud.state.volumes.values()].map(({ name }) => name)

  it('refuses the calls that it is told to, and no other', async () => {
    const planted = cloud.fail(createVolume, { status: 503, nth: 2, retryAfter: 7 })
    expect(await ask(cloud, token, 'a')).to.equal(202)
    const path = `/volume/v3/${cloud.project.id}/volumes`
    const refused = await call(cloud, 'POST', path, { token, body: { volume: { size: 1, name: 'b' } } })
    expect([refused.status, refused.headers['retry-after']]).to.deep.equal([503, '7'])
    expect(await ask(cloud, token, 'c')).to.equal(202)
    expect(names()).to.deep.equal(['a', 'c'])
    expect(planted.hits).to.equal(1)
  })

  it('does what it was asked before it answers with an error', async () => {
    cloud.fail(createVolume, { status: 500, afterEffect: true })
    expect(await ask(cloud, token, 'a')).to.equal(500)
    expect(names()).to.deep.equal(['a'])
  })

  it('drops connections before and after the effect', async () => {
    cloud.fail(createVolume, { drop: 'before' })
    expect(await ask(cloud, token, 'a')).to.equal('gone')
    expect(names()).to.deep.equal([])
    cloud.fail(createVolume, { drop: 'after' })
    expect(await ask(cloud, token, 'b')).to.equal('gone')
    expect(names()).to.deep.equal(['b'])
    expect(cloud.calls.filter(({ name }) => name === createVolume).map(({ status }) => status)).to.deep.equal([
      undefined,
      undefined,
    ])
  })

  it('forgets its tokens', async () => {
    cloud.expireTokens()
    expect(await ask(cloud, token, 'a')).to.equal(401)
    expect(await ask(cloud, await tokenOf(cloud), 'a')).to.equal(202)
  })

  it('has quotas', async () => {
    cloud.state.quotas.volumes = 1
    expect([await ask(cloud, token, 'a'), await ask(cloud, token, 'b')]).to.deep.equal([202, 413])
  })

  it('holds work at a step, and lets it go on', async () => {
    const held = cloud.hold('volume:creating')
    await ask(cloud, token, 'a')
    expect(await held.reached).to.equal(cloud.volume('a').id)
    expect(cloud.volume('a').status).to.equal('creating')
    held.release()
    await cloud.idle()
    expect(cloud.volume('a').status).to.equal('available')
  })

  it('breaks work, once', async () => {
    cloud.break('volume:creating', { nth: 2 })
    for (const name of ['a', 'b', 'c']) await ask(cloud, token, name)
    await cloud.idle()
    expect(['a', 'b', 'c'].map((name) => cloud.volume(name).status)).to.deep.equal(['available', 'error', 'available'])
  })

  it('accepts what a stopped service is to do, and does it when the service is back', async () => {
    const volume = cloud.addVolume({ name: 'data', content: 'old' })
    cloud.stop('backup')
    const path = `/volume/v3/${cloud.project.id}/backups`
    const body = { backup: { volume_id: volume.id, name: 'b' } }
    expect((await call(cloud, 'POST', path, { token, body })).status).to.equal(202)
    expect([cloud.backup('b').status, volume.status]).to.deep.equal(['creating', 'backing-up'])
    cloud.start('backup')
    await cloud.idle()
    expect([cloud.backup('b').status, volume.status]).to.deep.equal(['available', 'available'])
  })

  it('leaves a server in error whose compute service was away', async () => {
    const server = cloud.addServer({ name: 'web' })
    cloud.stop('compute')
    const path = `/compute/v2.1/servers/${server.id}/action`
    expect((await call(cloud, 'POST', path, { token, body: { suspend: null } })).status).to.equal(202)
    expect([server.status, server.taskState]).to.deep.equal(['ACTIVE', 'suspending'])
    cloud.start('compute')
    await cloud.idle()
    expect([server.status, server.taskState]).to.deep.equal(['ERROR', null])
  })

  it('has in an image what the guest had written when it was taken, and not what came after', async () => {
    const server = cloud.addServer({ name: 'web', content: 'before' })
    const held = cloud.hold('server:image_pending_upload')
    const path = `/compute/v2.1/servers/${server.id}/action`
    await call(cloud, 'POST', path, { token, body: { createImage: { name: 'shot' } } })
    await held.reached
    server.write('after')
    held.release()
    await cloud.idle()
    expect(cloud.image('shot').content?.toString()).to.equal('before')
  })
})

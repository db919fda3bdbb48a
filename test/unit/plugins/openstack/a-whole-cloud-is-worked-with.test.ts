// The client, marks and waits together, on a whole cloud: what is made is made once, what is waited for is seen, and what goes
// wrong is told in its words.
import { expect } from 'chai'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import type { Cloud } from '../../../../src/plugins/openstack/client/cloud.ts'
import { pathOf } from '../../../../src/plugins/openstack/client/cloud.ts'
import { closeSharedClouds, cloudOf } from '../../../../src/plugins/openstack/client/shared-clouds.ts'
import { createTrust, deleteTrust } from '../../../../src/plugins/openstack/client/trusts.ts'
import { onceMarked } from '../../../../src/plugins/openstack/mark.ts'
import { volumeReason } from '../../../../src/plugins/openstack/reasons.ts'
import { untilGone, untilStatus } from '../../../../src/plugins/openstack/wait.ts'
import { operationContext } from '../../../../src/testing/operation-context.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../support/openstack/fake-openstack.ts'
import { faultOf, testUser } from './small-cloud.ts'

interface Volume {
  readonly id: string
  readonly status: string
  readonly metadata: JsonObject
}

describe('OpenStack: a whole cloud', () => {
  let fake: FakeOpenstack
  beforeEach(async () => {
    fake = await fakeOpenstack({ pageSize: 2 })
  })
  afterEach(async () => {
    await closeSharedClouds()
    await fake[Symbol.asyncDispose]()
  })
  const connected = (more: JsonObject = {}): Promise<Cloud> =>
    cloudOf(testUser(), { clientConfig: { ...fake.clientConfig, ...more } })
  const makeVolume = (cloud: Cloud, ctx: Parameters<typeof onceMarked>[0]): Promise<Volume> =>
    onceMarked<Volume>(ctx, {
      list: () => cloud.pages<Volume>({ service: 'volume', path: '/volumes/detail' }, 'volumes'),
      metadataOf: ({ metadata }) => metadata,
      async create(metadata) {
        const body = { volume: { size: 1, name: 'data', metadata } }
        return (await cloud.request<{ volume: Volume }>({ service: 'volume', method: 'POST', path: '/volumes', body }))
          .body.volume
      },
    })
  const readVolume = (cloud: Cloud, id: string) => async (): Promise<Volume | undefined> =>
    (await cloud.find<{ volume: Volume }>({ service: 'volume', path: pathOf`/volumes/${id}` }))?.volume

  for (const trouble of [
    { what: 'its answer is lost', how: { drop: 'after' } as const },
    { what: 'it breaks after the effect', how: { status: 500, afterEffect: true } },
    { what: 'it breaks before the effect', how: { status: 500 } },
  ]) {
    it(`makes a volume once when ${trouble.what}`, async () => {
      const cloud = await connected()
      for (const name of ['a', 'b', 'c']) fake.addVolume({ name })
      fake.fail('volume POST /volumes', trouble.how)
      const first = operationContext({})
      const made =
        trouble.how.status === 500 && !('afterEffect' in trouble.how)
          ? await faultOf(makeVolume(cloud, first)).then(() =>
              makeVolume(cloud, operationContext({ operation: { attempt: 2 } })),
            )
          : await makeVolume(cloud, first)
      const volumes = [...fake.state.volumes.values()].filter(({ name }) => name === 'data')
      expect(volumes.map(({ id }) => id)).to.deep.equal([made.id])
    })
  }

  it('is waited for until a volume is there, and until it is gone', async () => {
    const cloud = await connected()
    const { id } = await makeVolume(cloud, operationContext({}))
    const read = readVolume(cloud, id)
    const wait = { kind: 'volume', id, status: (volume: Volume) => volume.status, every: 5 }
    const there = async (): Promise<Volume> => {
      const volume = await read()
      if (!volume) throw new Error('it is gone')
      return volume
    }
    expect(await untilStatus(cloud, there, { ...wait, wanted: ['available'] })).to.include({ status: 'available' })
    await cloud.request({ service: 'volume', method: 'DELETE', path: pathOf`/volumes/${id}` })
    await untilGone(cloud, read, wait)
    expect(fake.state.volumes.has(id)).to.equal(false)
  })

  it('tells at once that a volume went wrong, and why', async () => {
    const cloud = await connected()
    fake.break('volume:creating', { reason: 'no space is left' })
    const { id } = await makeVolume(cloud, operationContext({}))
    const read = readVolume(cloud, id)
    const fault = await faultOf(
      untilStatus(cloud, async () => (await read()) as Volume, {
        kind: 'volume',
        id,
        wanted: ['available'],
        status: ({ status }) => status,
        reason: () => volumeReason(cloud, id),
        every: 5,
      }),
    )
    expect(fault.code).to.equal('openstack.error_state')
    expect(fault.message).to.match(new RegExp(`^volume '${id}' is in status error: `))
  })

  it('is listed whole, however short its pages', async () => {
    const cloud = await connected()
    for (let number = 1; number <= 5; number += 1) fake.addServer({ name: `web-${number}` })
    const names: string[] = []
    const list = { service: 'compute', path: '/servers/detail' } as const
    for await (const { name } of cloud.pages<{ name: string }>(list, 'servers')) names.push(name)
    expect(names.toSorted()).to.deep.equal(['web-1', 'web-2', 'web-3', 'web-4', 'web-5'])
    const images: string[] = []
    for await (const { name } of cloud.pages<{ name: string }>({ service: 'image', path: '/images' }, 'images')) {
      images.push(name)
    }
    expect(images).to.include('cirros')
  })

  it('whose tokens all end is signed in to again, in the middle of work', async () => {
    const cloud = await connected()
    const server = fake.addServer({ name: 'web' })
    fake.expireTokens()
    const path = pathOf`/servers/${server.id}/action`
    const answer = await cloud.request({ service: 'compute', method: 'POST', path, body: { suspend: null } })
    expect(answer.status).to.equal(202)
    expect(answer.requestId).to.match(/^req-/)
    await fake.idle()
    expect(server.status).to.equal('SUSPENDED')
  })

  it('that is asked too much says when to come again', async () => {
    const cloud = await connected()
    fake.fail('volume POST /volumes', { status: 429, retryAfter: 7 })
    const fault = await faultOf(makeVolume(cloud, operationContext({})))
    expect(fault).to.include({ code: 'openstack.throttled', effect: 'none', retry: 'later', after: 7000 })
    expect(fake.state.volumes.size).to.equal(0)
  })

  it('that has no room says so, and is not asked again', async () => {
    const cloud = await connected()
    fake.state.quotas.volumes = 0
    const fault = await faultOf(makeVolume(cloud, operationContext({})))
    expect(fault).to.include({ code: 'openstack.quota', effect: 'none', retry: 'never', blame: 'user' })
  })

  it('tells a state in which something cannot be done', async () => {
    const cloud = await connected()
    const server = fake.addServer({ name: 'web', status: 'SUSPENDED' })
    const path = pathOf`/servers/${server.id}/action`
    const fault = await faultOf(cloud.request({ service: 'compute', method: 'POST', path, body: { suspend: null } }))
    expect(fault).to.include({ code: 'openstack.conflict', effect: 'none', retry: 'never' })
    expect(await cloud.find({ service: 'compute', path: '/servers/8f7f8ac3-5a68-4f0e-a9d7-0b3b0f8bd1aa' })).to.equal(
      undefined,
    )
  })

  it('that is older is not asked for what it cannot do', async () => {
    fake.state.newest.volume = 39
    const cloud = await connected()
    expect(await cloud.supports('volume', '3.40')).to.equal(false)
    const volume = fake.addVolume({ name: 'data' })
    const path = pathOf`/volumes/${volume.id}/action`
    const request = { service: 'volume', method: 'POST', path, body: { revert: {} }, microversion: '3.40' } as const
    expect((await faultOf(cloud.request(request))).message).to.include(
      'needs version 3.40, and the cloud has 3.0 to 3.39',
    )
    expect(fake.writes).to.deep.equal([])
  })

  it('never has more calls at a time than agreed', async () => {
    const cloud = await connected({ max_requests: 4 })
    fake.fail('compute GET /servers/detail', { delay: 10, times: 40 })
    await Promise.all(
      Array.from({ length: 40 }, () => cloud.request({ service: 'compute', method: 'GET', path: '/servers/detail' })),
    )
    expect(fake.peak).to.equal(4)
  })

  it('is entered with an application credential', async () => {
    const cloud = await connected()
    const path = pathOf`/users/${cloud.userId}/application_credentials`
    const body = { application_credential: { name: 'schedule' } }
    const made = await cloud.request<{ application_credential: { id: string; secret: string } }>({
      service: 'identity',
      method: 'POST',
      path,
      body,
    })
    const { id, secret } = made.body.application_credential
    const other = await cloudOf(testUser(), {
      clientConfig: { auth_url: fake.authUrl, application_credential_id: id, application_credential_secret: secret },
    })
    expect(other.projectId).to.equal(cloud.projectId)
  })

  it('is entered with a trust, until that is deleted', async () => {
    const cloud = await connected()
    const [, trustee] = fake.state.tokens.users
    if (!trustee) throw new Error('the cloud has but one user')
    const id = await createTrust(cloud, { trusteeId: trustee.id, roles: ['member'] })
    expect(await createTrust(cloud, { trusteeId: trustee.id, roles: ['member'] })).to.equal(id)
    const lent = {
      auth_url: fake.authUrl,
      username: trustee.name,
      password: trustee.password,
      user_domain_name: 'Default',
      trust_id: id,
    }
    const other = await cloudOf(testUser(), { clientConfig: lent })
    expect([other.userId, other.projectId]).to.deep.equal([cloud.userId, cloud.projectId])
    await deleteTrust(cloud, id)
    fake.expireTokens()
    expect((await faultOf(other.request({ service: 'compute', method: 'GET', path: '/servers' }))).effect).to.equal(
      'none',
    )
  })
})

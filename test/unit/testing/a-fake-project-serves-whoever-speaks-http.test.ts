// Claim: the fake of Google Cloud that comes with `fermata/testing` is a server on a loopback port: a program of any kind signs in
// there, changes things, and meets the troubles that a test has planted; a whole fermata saves what is in it.
import { createSign } from 'node:crypto'
import { expect } from 'chai'
import { fakeGcp, testFermata, type FakeGcp } from '../../../src/testing/index.ts'

/** As any client signs in, without our plugin. */
async function tokenOf({ account }: FakeGcp): Promise<string> {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claim = { iss: account.client_email, aud: account.token_uri }
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claim)}`
  const signature = createSign('RSA-SHA256').update(signed).sign(account.private_key, 'base64url')
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: `${signed}.${signature}`,
  })
  const answer = await fetch(account.token_uri, { method: 'POST', body: form })
  expect(answer.status).to.equal(200)
  return ((await answer.json()) as { readonly access_token: string }).access_token
}

describe('the fake of Google Cloud for authors of plugins', () => {
  it('is spoken to over HTTP, by whoever has its key', async () => {
    await using cloud = await fakeGcp({ quotas: { snapshots: 1 } })
    cloud.addInstance({ name: 'web', content: 'root' })
    const { hostname } = new URL(cloud.origin)
    expect(hostname).to.equal('127.0.0.1')
    const token = await tokenOf(cloud)
    const ask = async (method: string, path: string, body?: object, as = token) => {
      const url = `${cloud.origin}/compute/v1/projects/${cloud.projectId}${path}`
      const headers = { authorization: `Bearer ${as}`, 'content-type': 'application/json' }
      const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) })
      const { status } = answer
      return { status, retryAfter: answer.headers.get('retry-after'), body: (await answer.json()) as object }
    }
    const disk = `/zones/${cloud.zone}/disks/web`
    expect((await ask('GET', disk, undefined, 'somebody')).status).to.equal(401)
    expect((await ask('GET', disk)).body).to.include({ name: 'web', status: 'READY' })
    cloud.fail('POST /zones/:zone/disks/:name/createSnapshot', { status: 429, retryAfter: 7 })
    const save = (name: string) => ask('POST', `${disk}/createSnapshot`, { name })
    expect(await save('first')).to.include({ status: 429, retryAfter: '7' })
    expect((await save('first')).body).to.include({ kind: 'compute#operation', operationType: 'createSnapshot' })
    await cloud.idle()
    expect(cloud.snapshot('first')).to.include({ status: 'READY', content: 'root' })
    expect((await save('second')).status).to.equal(403)
    expect(cloud.count('POST /zones/:zone/disks/:name/createSnapshot')).to.equal(3)
  })

  it('holds what a whole fermata saves and puts back', async function () {
    this.timeout(60_000)
    await using cloud = await fakeGcp()
    cloud.addInstance({ name: 'web', content: 'first' })
    const blueprint = `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-gcp-plugin]
node_templates:
  web:
    type: cloudify.nodes.gcp.Instance
    properties:
      resource_id: web
      use_external_resource: true
      client_config: ${JSON.stringify(cloud.clientConfig)}
      agent_config: { install_method: none }
`
    await using test = await testFermata({ blueprint })
    for (const workflow of ['install', 'backup', 'restore'] as const) {
      const done = await test.run(workflow, workflow === 'install' ? {} : { snapshot_name: 'it' })
      expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
      if (workflow === 'backup') cloud.write('web', 'spoilt')
    }
    expect(cloud.contents('web')).to.eql({ boot: 'first' })
  })
})

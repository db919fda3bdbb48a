// Claim: a service account signs in with a claim of its own, once for all who work with it and again when its token is not
// taken; keys come as mapping, text, file or from the surroundings; and no key or token is told to anybody.
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { accountOf } from '../../../../../src/plugins/gcp/client/account.ts'
import { connectionSettings } from '../../../../../src/plugins/gcp/client/connection-settings.ts'
import { networkFaults } from '../../../../../src/plugins/gcp/client/network-faults.ts'
import { Session } from '../../../../../src/plugins/gcp/client/session.ts'
import { closeSharedProjects } from '../../../../../src/plugins/gcp/client/shared-projects.ts'
import { Wire } from '../../../../../src/plugins/http/wire.ts'
import { makeCertificates } from '../../../../support/certificates.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { temporaryFolder } from '../../../../support/folder.ts'
import { fakeGcp, type FakeGcp } from '../../../../../src/testing/gcp/fake-gcp.ts'
import { smallProject } from '../../../../support/gcp/small-project.ts'
import { shortWorld } from '../../../../support/short-world.ts'

const token = 'POST /token'

describe('accounts of Google Cloud', () => {
  let cloud: FakeGcp
  beforeEach(async () => {
    cloud = await fakeGcp()
    cloud.addInstance({ name: 'web' })
  })
  afterEach(async () => {
    await closeSharedProjects()
    await cloud.close()
  })
  const path = '/zones/europe-west1-b/instances/web'

  it('sign in once for all who work with them, and anew when a token is not taken', async () => {
    const world = shortWorld()
    const one = await smallProject(cloud, { world })
    const other = await smallProject(cloud, { world })
    await Promise.all([one, other, one].map(({ project }) => project.find({ path })))
    expect(cloud.count(token)).to.equal(1)
    expect(cloud.tokens.claims[0]).to.include({
      iss: cloud.account.client_email,
      aud: cloud.account.token_uri,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    })
    cloud.expireTokens()
    await one.project.change({ path: `${path}/stop` })
    expect(cloud.count(token)).to.equal(2)
    expect(cloud.instance('web').status).to.equal('TERMINATED')
  })

  it('that are refused say so, without their key', async () => {
    const { project, lines } = await smallProject(cloud, {
      config: { auth: { ...cloud.account, client_email: 'somebody@else' } },
    })
    const problem = await faultOf(project.find({ path }))
    expect(problem.code).to.equal('gcp.refused')
    expect(problem.message).to.contain('Invalid JWT Signature')
    const told = [JSON.stringify(problem), ...lines].join('\n')
    expect(told).not.to.contain('PRIVATE KEY')
  })

  it('tokens and scripts that an answer quotes are masked', async () => {
    const { project } = await smallProject(cloud)
    const metadata = { items: [{ key: 'startup-script', value: 'export PASSWORD=hunter2' }] }
    cloud.fail('POST /zones/:zone/instances', { status: 400, message: 'invalid: cannot read export PASSWORD=hunter2' })
    const problem = await faultOf(
      project.change({ path: '/zones/europe-west1-b/instances', body: { name: 'x', metadata } }),
    )
    expect(problem.code).to.equal('gcp.bad_request')
    expect(JSON.stringify(problem)).not.to.contain('hunter2')
  })

  it('are read from a mapping, a text, a wrapped value, a file and the surroundings', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'account.json')
    const escaped = { ...cloud.account, private_key: cloud.account.private_key.replaceAll('\n', '\\n') }
    await writeFile(file, JSON.stringify(escaped))
    const given = [cloud.account, JSON.stringify(cloud.account), { value: cloud.account }, escaped, file, null]
    for (const auth of given) {
      const account = await accountOf(auth, { environment: { GOOGLE_APPLICATION_CREDENTIALS: file } })
      expect(account).to.include({
        kind: 'service_account',
        email: cloud.account.client_email,
        projectId: cloud.projectId,
      })
      expect(account.kind === 'service_account' && account.key.reveal()).to.equal(cloud.account.private_key)
      expect(JSON.stringify(account)).not.to.contain('PRIVATE KEY')
    }
    const nowhere = { environment: { HOME: folder.path, GCE_METADATA_HOST: 'here:1' } }
    expect(await accountOf(undefined, nowhere)).to.deep.equal({
      kind: 'metadata',
      host: 'here:1',
      projectId: undefined,
    })
    const bad = await faultOf(accountOf({ ...cloud.account, private_key: 'nonsense-secret' }, nowhere))
    expect(bad.code).to.equal('gcp.bad_property')
    expect(JSON.stringify(bad)).not.to.contain('nonsense-secret')
  })

  it("the machine's own account is asked of the machine, and so is its project", async () => {
    const environment = { HOME: '/nowhere', GCE_METADATA_HOST: new URL(cloud.origin).host }
    const settings = await connectionSettings({ endpoint: cloud.origin }, { environment })
    const world = shortWorld()
    const session = new Session(world, new Wire(world, settings, networkFaults), settings)
    const { signal } = new AbortController()
    expect(await session.projectId(signal)).to.equal(cloud.projectId)
    const { value } = await session.token(signal)
    expect(value).to.match(/^ya29/)
    expect(session.redacted(`it is ${value}`)).not.to.contain(value)
    await session.close()
  })

  it('a certificate that nobody vouches for is refused before anything is sent, and taken with its authority', async () => {
    await using folder = await temporaryFolder()
    await makeCertificates(folder.path)
    const file = (name: string): string => join(folder.path, name)
    let asked = 0
    const server = createServer(
      { key: readFileSync(file('serverkey.pem')), cert: readFileSync(file('servercert.pem')) },
      (_request, response) => {
        asked += 1
        response.end('{"name": "web"}')
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const strict = await smallProject(cloud, { config: { endpoint } })
    const problem = await faultOf(strict.project.change({ path: `${path}/stop` }))
    expect([problem.code, problem.effect, asked]).to.deep.equal(['gcp.bad_certificate', 'none', 0])
    const known = await smallProject(cloud, { config: { endpoint, ca_cert: file('cacert.pem') } })
    expect(await known.project.find({ path })).to.deep.equal({ name: 'web' })
    await closeSharedProjects()
    await new Promise((resolve) => server.close(resolve))
  })

  it("a person's refresh token lets in, too", async () => {
    const auth = {
      type: 'authorized_user',
      client_id: 'id',
      client_secret: 'some-secret',
      refresh_token: 'refresh-me',
      token_uri: cloud.account.token_uri,
    }
    const { project } = await smallProject(cloud, { config: { auth, project: cloud.projectId } })
    expect(await project.find({ path })).to.include({ name: 'web' })
  })
})

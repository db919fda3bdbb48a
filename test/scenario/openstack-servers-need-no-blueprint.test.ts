// Claim: `fermata openstack snapshot|clone|restore` works on servers that no blueprint describes, with the access that the tools of
// OpenStack have, and tells by mail how it went; no password is kept.
import { expect } from 'chai'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCliSite, type CliResult, type CliSite } from '../support/cli.ts'
import { mailServer } from '../support/mail-server.ts'
import { fakeOpenstack, type FakeOpenstack } from '../support/openstack/fake-openstack.ts'

describe('a server without a blueprint', function () {
  this.timeout(120_000)
  let site: CliSite
  let cloud: FakeOpenstack

  beforeEach(async () => {
    site = await openCliSite()
    cloud = await fakeOpenstack()
  })

  afterEach(async () => {
    await site.close()
    await cloud.close()
  })

  const environment = (): Readonly<Record<string, string>> => ({
    OS_AUTH_URL: cloud.authUrl,
    OS_USERNAME: cloud.user.name,
    OS_PASSWORD: cloud.user.password,
    OS_PROJECT_NAME: cloud.project.name,
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
  })
  const run = (...words: string[]): Promise<CliResult> =>
    site.runWith({ environment: environment() }, 'openstack', ...words)
  const ok = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...words)
    expect(code, stdout + stderr).to.equal(0)
    return stdout
  }
  const copies = (): readonly string[] =>
    [...cloud.state.images.values()].filter(({ id }) => id !== cloud.baseImage.id).map(({ name }) => name ?? '')
  const today = (): string => new Date().toISOString().slice(0, 10).replaceAll('-', '')

  it('is snapshotted, cloned and put back', async () => {
    const server = cloud.addServer({ name: 'web', content: 'good pages' })
    const said = await ok('snapshot', 'web', '--wait', '--stop')
    expect(said).to.match(/Took 'web_snapshot_\d{12}' of web/)
    expect([server.status, server.boots, copies()[0]?.slice(0, 21)]).to.deep.equal([
      'ACTIVE',
      2,
      `web_snapshot_${today()}`,
    ])
    await ok('clone', 'web', 'copy', '--date', today(), '--meta', 'owner=ada', '--flavor', 'm1.large', '--wait')
    expect(cloud.server('copy').contents).to.deep.equal({ vda: 'good pages' })
    expect([cloud.server('copy').metadata['owner'], cloud.server('copy').flavorId]).to.deep.equal(['ada', 'large'])
    server.write('bad pages')
    await ok('restore', server.id, '--date', today())
    expect(server.contents).to.deep.equal({ vda: 'good pages' })
    expect(copies().filter((name) => name.startsWith('web_before_restore_'))).to.have.length(1)
    // One deployment for each way to say which server.
    expect((await site.ok('deployments', 'list', '--quiet')).trim().split('\n')).to.have.length(2)
  })

  it('is found in a cloud of clouds.yaml', async () => {
    cloud.addServer({ name: 'web' })
    const { region_name, ...auth } = cloud.clientConfig
    const file = await site.write({ 'clouds.yaml': JSON.stringify({ clouds: { lab: { auth, region_name } } }) })
    const words = ['openstack', 'snapshot', 'web', '--cloud', 'lab', '--pattern', 'lab-{0}-{1}', '--wait']
    const { code, stderr } = await site.runWith({ environment: { OS_CLIENT_CONFIG_FILE: file } }, ...words)
    expect(code, stderr).to.equal(0)
    expect(copies()[0]).to.match(/^lab-web-\d{12}$/)
  })

  it('is told of by mail, in both outcomes', async () => {
    await using mail = await mailServer()
    await site.ok('mail', 'settings', '--server', '127.0.0.1', '--port', `${mail.port}`, '--from', 'f@example.com')
    cloud.addServer({ name: 'web' })
    const told = ['--notify-success', 'team@example.com', '--notify-error', 'ops@example.com']
    await ok('snapshot', 'web', '--wait', '--stop', ...told)
    const failed = await run('snapshot', 'mail', ...told)
    expect(failed.code).to.equal(1)
    expect(failed.stderr).to.include("the cloud has no server 'mail'")
    expect(mail.taken.map(({ to }) => to)).to.deep.equal(['team@example.com', 'ops@example.com'])
    const [good, bad] = mail.taken.map(({ raw }) => raw)
    expect(good).to.match(/^Subject: fermata: instance_snapshot of openstack-web-\w+ succeeded\r?$/m)
    for (const row of ['snapshot_id', 'off_from', 'off_until']) expect(good).to.include(row)
    expect(bad).to.include('openstack.missing')
  })

  it('leaves no password behind', async () => {
    cloud.addServer({ name: 'web' })
    const said = await run('snapshot', 'web', '--wait', '--verbose', '--json')
    expect(said.code).to.equal(0)
    const kept = readdirSync(site.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    for (const text of [said.stdout, said.stderr, ...kept]) expect(text.includes(cloud.user.password)).to.equal(false)
  })

  it('is not guessed: the cloud must be told, and the words must fit', async () => {
    const { code, stderr } = await site.run('openstack', 'snapshot', 'web')
    expect(code).to.equal(1)
    expect(stderr).to.include("property 'client_config.auth_url': it is missing")
    expect((await run('snapshot', 'web', '--max-snapshots', 'some')).code).to.equal(2)
    expect((await run('restore', 'web')).code).to.equal(2)
    expect((await run('snapshot', 'web', '--cloud', 'lab', '-d', 'shop')).code).to.equal(2)
  })
})

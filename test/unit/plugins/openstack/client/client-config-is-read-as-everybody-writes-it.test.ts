// `client_config` of both generations, clouds.yaml with secure.yaml, and the OS_* variables: which of them counts, and what is
// refused before anything is sent.
import { expect } from 'chai'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { connectionSettings } from '../../../../../src/plugins/openstack/client/connection-settings.ts'
import { tokenRequest } from '../../../../../src/plugins/openstack/client/identity.ts'
import { faultOf, wholeText } from '../small-cloud.ts'

const newer = {
  auth_url: 'https://cloud:5000/v3',
  username: 'u',
  password: 'p',
  project_name: 'shop',
  user_domain_name: 'Default',
  project_domain_id: 'default',
}
const none = { environment: { HOME: '/nowhere' } }

describe('OpenStack: client_config', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fermata-test-'))
  after(() => rmSync(folder, { recursive: true }))
  const files = (named: Readonly<Record<string, string>>): string => {
    const home = mkdtempSync(join(folder, 'home-'))
    for (const [path, text] of Object.entries(named)) {
      mkdirSync(dirname(join(home, path)), { recursive: true })
      writeFileSync(join(home, path), text)
    }
    return home
  }
  const asked = async (config: JsonObject, surroundings: object = none): Promise<unknown> => {
    const { credentials, scope } = await connectionSettings(config, surroundings)
    return (tokenRequest(credentials, scope) as { auth: unknown }).auth
  }
  const usual = {
    identity: { methods: ['password'], password: { user: { name: 'u', domain: { name: 'Default' }, password: 'p' } } },
    scope: { project: { name: 'shop', domain: { id: 'default' } } },
  }

  it('stands for itself', async () => {
    const environment = { OS_REGION_NAME: 'elsewhere', OS_CLOUD: 'other', OS_PROJECT_ID: 'other', HOME: '/nowhere' }
    expect(await asked(newer, { environment })).to.deep.equal(usual)
    expect(await connectionSettings(newer, { environment })).to.deep.include({
      authUrl: 'https://cloud:5000/v3',
      region: undefined,
      interface: 'public',
      endpoints: {},
      maxRequests: 16,
      tls: { isInsecure: false, ca: undefined, certificate: undefined, key: undefined },
    })
  })

  it('of the older generation says the same', async () => {
    const { project_name, ...rest } = newer
    expect(await asked({ ...rest, tenant_name: project_name })).to.deep.equal(usual)
  })

  it('hands on what stands in kwargs, which wins', async () => {
    const config = {
      ...newer,
      username: 'other',
      kwargs: { username: 'u', region_name: 'two', compute_endpoint_override: '' },
    }
    expect(await asked(config)).to.deep.equal(usual)
    expect(await connectionSettings(config, none)).to.include({ region: 'two' })
  })

  for (const [value, isInsecure] of [
    [true, true],
    ['True', true],
    ['true', true],
    [false, false],
    ['False', false],
    ['', false],
  ] as const) {
    it(`takes insecure as ${JSON.stringify(value)}`, async () => {
      const { tls } = await connectionSettings({ ...newer, insecure: value }, none)
      expect(tls.isInsecure).to.equal(isInsecure)
    })
  }

  for (const [given, url] of [
    ['http://cloud:5000', 'http://cloud:5000/v3'],
    ['http://cloud:5000/', 'http://cloud:5000/v3'],
    ['https://cloud/identity/v3/', 'https://cloud/identity/v3'],
    ['https://cloud/identity/v3/auth/tokens', 'https://cloud/identity/v3'],
  ] as const) {
    it(`takes the address ${given}`, async () => {
      expect((await connectionSettings({ ...newer, auth_url: given }, none)).authUrl).to.equal(url)
    })
  }

  it('needs no domains where the address has no version', async () => {
    const { user_domain_name: _user, project_domain_id: _project, ...bare } = newer
    expect(await asked({ ...bare, auth_url: 'http://cloud:5000' })).to.have.deep.nested.property(
      'scope.project.domain',
      {
        id: 'default',
      },
    )
  })

  const { user_domain_name: _user, ...withoutUserDomain } = newer
  const { project_domain_id: _project, ...withoutProjectDomain } = newer
  const { project_name: _name, ...withoutProject } = newer
  const { password: _password, ...withoutPassword } = newer
  const { auth_url: _url, ...withoutUrl } = newer
  for (const [what, config, message] of [
    ['no user domain', withoutUserDomain, /client_config.*version 3 needs user_domain_id or user_domain_name/],
    ['no project domain', withoutProjectDomain, /client_config.*needs project_domain_id or project_domain_name/],
    ['no project', withoutProject, /client_config.project_name.*missing/],
    ['no password', withoutPassword, /client_config.password.*missing/],
    ['no address', withoutUrl, /client_config.auth_url.*missing/],
    ['an address of version 2', { ...newer, auth_url: 'http://c:5000/v2.0' }, /auth_url.*no longer have version 2/],
    ['an address that is none', { ...newer, auth_url: 'cloud:5000' }, /auth_url.*http or https/],
    ['an address with a password', { ...newer, auth_url: 'http://me:plant3d@c/v3' }, /auth_url.*no user or password/],
    ['an interface that there is not', { ...newer, interface: 'secret' }, /interface.*public, internal or admin/],
    ['a number of requests that is none', { ...newer, max_requests: 0 }, /max_requests.*from 1 to 1000/],
    ['an insecure that is neither', { ...newer, insecure: 'maybe' }, /insecure.*true or false/],
    ['a kind of credentials that we have not', { ...newer, auth_type: 'v3kerberos' }, /auth_type.*expected password/],
    ['a password that is a list', { ...newer, password: ['plant3d'] }, /password.*expected a text/],
  ] as const) {
    it(`with ${what} is refused`, async () => {
      const fault = await faultOf(connectionSettings(config, none))
      expect(fault).to.include({ code: 'openstack.bad_property', effect: 'none', retry: 'never', blame: 'user' })
      expect(fault.message).to.match(message)
      expect(wholeText(fault)).to.not.include('plant3d')
    })
  }

  describe('that names a cloud', () => {
    const clouds = `clouds:
  shop:
    auth: { auth_url: https://cloud:5000/v3, username: u, project_name: shop, user_domain_name: Default, project_domain_id: default }
    region_name: one
    interface: internal
    verify: false
  lab: { auth_type: v3applicationcredential, auth: { auth_url: http://lab, application_credential_id: a, application_credential_secret: 7 }, regions: [two] }
`
    const secure = 'clouds: { shop: { auth: { password: p } } }'

    it('is filled up from clouds.yaml, and that from secure.yaml', async () => {
      const HOME = files({ '.config/openstack/clouds.yaml': clouds, '.config/openstack/secure.yaml': secure })
      const surroundings = { environment: { HOME } }
      expect(await asked({ cloud: 'shop' }, surroundings)).to.deep.equal(usual)
      const { region, interface: reach, tls } = await connectionSettings({ cloud: 'shop' }, surroundings)
      expect([region, reach, tls.isInsecure]).to.deep.equal(['one', 'internal', true])
      expect(await asked({}, { environment: { HOME, OS_CLOUD: 'shop' } })).to.deep.equal(usual)
      // As node types fill in what nobody has said.
      const filled = await connectionSettings({ cloud: 'shop', insecure: false, kwargs: {} }, surroundings)
      expect(filled.tls.isInsecure).to.equal(true)
    })

    it('wins over clouds.yaml', async () => {
      const HOME = files({ 'c.yaml': clouds, 's.yaml': secure })
      const environment = {
        HOME,
        OS_CLIENT_CONFIG_FILE: join(HOME, 'c.yaml'),
        OS_CLIENT_SECURE_FILE: join(HOME, 's.yaml'),
        OS_CLOUD: 'shop',
      }
      const { region } = await connectionSettings({ cloud: 'shop', region_name: 'mine' }, { environment })
      expect(region).to.equal('mine')
      const lab = await connectionSettings({ cloud: 'lab' }, { environment })
      expect([lab.authUrl, lab.region, lab.scope]).to.deep.equal(['http://lab/v3', 'two', undefined])
    })

    it('and something else in another way means that', async () => {
      const HOME = files({
        '.config/openstack/clouds.yaml':
          'clouds: { lab: { auth: { auth_url: http://lab/v3, application_credential_id: a, application_credential_secret: b, project_id: old } } }',
      })
      const { auth_url: _none, ...own } = newer
      expect(await asked({ ...own, cloud: 'lab' }, { environment: { HOME } })).to.deep.equal(usual)
    })

    it('that there is not is refused, with those that there are', async () => {
      const HOME = files({ '.config/openstack/clouds.yaml': clouds })
      const fault = await faultOf(connectionSettings({ cloud: 'shpo' }, { environment: { HOME } }))
      expect([fault.code, fault.hint]).to.deep.equal(['openstack.no_cloud', 'it has lab, shop'])
    })

    it('in a file that is no YAML is refused, without a word of the file', async () => {
      const HOME = files({ '.config/openstack/clouds.yaml': 'clouds:\n  a: { password: plant3d\n b: }' })
      const fault = await faultOf(connectionSettings({ cloud: 'a' }, { environment: { HOME } }))
      expect(fault.code).to.equal('openstack.unreadable_file')
      expect(fault.message).to.match(/clouds\.yaml': it is no YAML \(line \d\)/)
      expect(wholeText(fault)).to.not.include('plant3d')
    })
  })

  it('without an address takes the OS_* variables, and wins over them', async () => {
    const environment = {
      OS_AUTH_URL: 'https://cloud:5000/v3',
      OS_USERNAME: 'other',
      OS_PASSWORD: 'p',
      OS_TENANT_NAME: 'shop',
      OS_USER_DOMAIN_NAME: 'Default',
      OS_PROJECT_DOMAIN_ID: 'default',
      OS_REGION_NAME: 'one',
      OS_ENDPOINT_TYPE: 'internalURL',
      OS_INSECURE: '1',
      HOME: '/nowhere',
    }
    expect(await asked({ username: 'u' }, { environment })).to.deep.equal(usual)
    const { region, interface: reach, tls } = await connectionSettings({}, { environment })
    expect([region, reach, tls.isInsecure]).to.deep.equal(['one', 'internal', true])
  })

  it('finds a certificate beside the blueprint', async () => {
    const home = files({ 'ca.pem': '-----BEGIN CERTIFICATE-----' })
    const surroundings = { ...none, blueprintFile: async (path: string) => join(home, path) }
    const { tls } = await connectionSettings({ ...newer, ca_cert: 'ca.pem' }, surroundings)
    expect(tls.ca).to.equal('-----BEGIN CERTIFICATE-----')
  })
})

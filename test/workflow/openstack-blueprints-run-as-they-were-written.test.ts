// Claim: blueprints as users of both generations of the original wrote them are installed, and uninstalled without a trace,
// with no other change than where the cloud is; no operation that they name is missing.
import { expect } from 'chai'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'
import plugin from '../../src/plugins/openstack/plugin.ts'
import { topologies } from '../support/openstack/topologies.ts'
import { openstackBlueprints } from '../unit/blueprint/originals-texts-openstack.ts'

const textOf = (start: string): string => openstackBlueprints.find(({ name }) => name.startsWith(start))?.text ?? ''
const collections = ['networks', 'subnets', 'ports', 'routers', 'security_groups', 'floatingips', 'keypairs']

describe('OpenStack blueprints of the original', function () {
  this.timeout(60_000)

  for (const { name, text } of openstackBlueprints) {
    it(`miss no operation: ${name}`, () => {
      const { plan } = parseBlueprint({ main: text, files: {} })
      const named = plan?.nodes.flatMap((node) => [
        ...Object.values(node.operations),
        ...node.relationships.flatMap((one) => [
          ...Object.values(one.sourceOperations),
          ...Object.values(one.targetOperations),
        ]),
      ])
      const ours = (named ?? []).flatMap((one) => (one.plugin === 'openstack' ? [one.operation] : []))
      expect(ours).not.to.have.length(0)
      expect(ours.filter((operation) => !Object.hasOwn(plugin.operations, operation))).to.deep.equal([])
    })
  }

  describe('run', () => {
    const cloud = topologies({ region: 'RegionOne' })
    const counts = (): Record<string, number> => cloud.counts(collections)
    let folder: string
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'fermata-test-'))
      const { fake } = cloud
      for (const image of ['debian', 'centos']) fake.addImage(image, image).visibility = 'public'
      fake.state.tokens.projects.push({ id: '5'.repeat(32), name: 'shop' })
      fake.state.tokens.users.push({ id: '6'.repeat(32), name: 'backup', password: 'planted', isAdmin: false })
    })
    afterEach(() => rm(folder, { recursive: true, force: true }))

    it('as written for 3.x', async () => {
      const { fake } = cloud
      fake.addThing('keypairs', { id: 'operators', name: 'operators', public_key: 'ssh-rsa AAAA' })
      const before = counts()
      await cloud.deploy(textOf('OpenStack 3.x'), {
        inputs: { cloud: fake.authUrl },
        secrets: { cloud_password: 'planted' },
      })
      await cloud.run('install')
      const server = fake.server('shop')
      expect(server.status).to.equal('ACTIVE')
      expect(server.keyName).to.equal('operators')
      expect([...fake.state.volumes.values()].map(({ name, status }) => [name, status])).to.have.deep.members([
        ['system', 'in-use'],
        ['data', 'in-use'],
      ])
      const [address] = fake.state.things('floatingips').values()
      expect(server.ports).to.include(address?.['port_id'])
      await cloud.run('backup', { snapshot_name: 'monday', snapshot_incremental: true })
      await cloud.run('remove_backup', { snapshot_name: 'monday', snapshot_incremental: true })
      await cloud.run('uninstall')
      expect(counts()).to.deep.equal(before)
    })

    it('as written for 2.x', async () => {
      const { fake } = cloud
      const before = counts()
      const key = join(folder, 'k.pem')
      const blueprint = textOf('OpenStack 2.x')
        .replace('http://keystone:5000/v2.0', fake.authUrl.replace(/\/v3$/, ''))
        .replace('~/.ssh/k.pem', key)
      await cloud.deploy(blueprint, { inputs: {}, secrets: { user: 'backup', password: 'planted' } })
      await cloud.run('install')
      const server = fake.server('db')
      expect(server.status).to.equal('ACTIVE')
      expect(server.keyName).to.equal('k')
      expect((await stat(key)).mode & 0o777).to.equal(0o600)
      expect(server.rootVolume?.imageMetadata).to.include({ image_name: 'centos' })
      expect(fake.volume('records').status).to.equal('in-use')
      const rules = cloud.all('security_group_rules').filter((rule) => rule['port_range_min'] === 22)
      expect(rules.map((rule) => [rule['direction'], rule['remote_ip_prefix']])).to.deep.equal([
        ['ingress', '0.0.0.0/0'],
      ])
      await cloud.run('uninstall')
      expect(counts()).to.deep.equal(before)
      expect(await stat(key).catch(() => undefined)).to.equal(undefined)
    })
  })
})

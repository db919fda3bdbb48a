// Claim: blueprints as users of both generations of the original wrote them are installed, and uninstalled without a trace,
// with no other change than where the cloud is; no operation that they name is missing.
import { expect } from 'chai'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import plugin from '../../src/plugins/openstack/plugin.ts'
import { testFermata, type TestFermata } from '../../src/testing/test-fermata.ts'
import { fakeOpenstack, type FakeOpenstack } from '../support/openstack/fake-openstack.ts'
import { shortWorld } from '../support/openstack/node-on-fake.ts'
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
    let fake: FakeOpenstack
    let folder: string
    let test: TestFermata | undefined
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'fermata-test-'))
      fake = await fakeOpenstack({ region: 'RegionOne' })
      for (const image of ['debian', 'centos']) fake.addImage(image, image).visibility = 'public'
      fake.state.tokens.projects.push({ id: '5'.repeat(32), name: 'shop' })
      fake.state.tokens.users.push({ id: '6'.repeat(32), name: 'backup', password: 'planted', isAdmin: false })
    })
    afterEach(async () => {
      await test?.[Symbol.asyncDispose]()
      test = undefined
      await fake.close()
      await rm(folder, { recursive: true, force: true })
    })
    const counts = (): Record<string, number> => ({
      ...Object.fromEntries(collections.map((collection) => [collection, fake.state.things(collection).size])),
      servers: fake.state.servers.size,
      volumes: fake.state.volumes.size,
      images: fake.state.images.size,
    })
    const run = async (workflow: string, parameters: JsonObject = {}): Promise<void> => {
      const found = await test?.run(workflow, parameters, { taskRetries: 3 })
      const events = found && (await test?.events(found))
      const tail = events?.slice(-5).map(({ message }) => message)
      expect(found?.status, tail?.join('\n')).to.equal('terminated')
    }

    it('as written for 3.x', async () => {
      fake.addThing('keypairs', { id: 'operators', name: 'operators', public_key: 'ssh-rsa AAAA' })
      const before = counts()
      test = await testFermata({
        blueprint: textOf('OpenStack 3.x'),
        inputs: { cloud: fake.authUrl },
        secrets: { cloud_password: 'planted' },
        world: shortWorld(),
      })
      await run('install')
      const server = fake.server('shop')
      expect(server.status).to.equal('ACTIVE')
      expect(server.keyName).to.equal('operators')
      expect([...fake.state.volumes.values()].map(({ name, status }) => [name, status])).to.have.deep.members([
        ['system', 'in-use'],
        ['data', 'in-use'],
      ])
      const [address] = fake.state.things('floatingips').values()
      expect(server.ports).to.include(address?.['port_id'])
      await run('backup', { snapshot_name: 'monday', snapshot_incremental: true })
      await run('remove_backup', { snapshot_name: 'monday', snapshot_incremental: true })
      await run('uninstall')
      expect(counts()).to.deep.equal(before)
    })

    it('as written for 2.x', async () => {
      const before = counts()
      const key = join(folder, 'k.pem')
      test = await testFermata({
        blueprint: textOf('OpenStack 2.x')
          .replace('http://keystone:5000/v2.0', fake.authUrl.replace(/\/v3$/, ''))
          .replace('~/.ssh/k.pem', key),
        secrets: { user: 'backup', password: 'planted' },
        world: shortWorld(),
      })
      await run('install')
      const server = fake.server('db')
      expect(server.status).to.equal('ACTIVE')
      expect(server.keyName).to.equal('k')
      expect((await stat(key)).mode & 0o777).to.equal(0o600)
      expect(server.rootVolume?.imageMetadata).to.include({ image_name: 'centos' })
      expect(fake.volume('records').status).to.equal('in-use')
      await run('uninstall')
      expect(counts()).to.deep.equal(before)
      expect(await stat(key).catch(() => undefined)).to.equal(undefined)
    })
  })
})

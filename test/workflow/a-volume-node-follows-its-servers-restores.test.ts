// Claim: the volume that a server boots from is another one after a restore of the server, and its node follows: it is not saved
// as what it was, and no volume is left when the deployment goes.
import { expect } from 'chai'
import type { JsonObject } from '../../src/kernel/json.ts'
import { testFermata, type TestFermata } from '../../src/testing/test-fermata.ts'
import { fakeOpenstack, type FakeOpenstack } from '../support/openstack/fake-openstack.ts'
import { shortWorld } from '../support/openstack/node-on-fake.ts'

const access = '{get_input: access}'
const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin]
inputs: {access: {}, image: {}}
node_templates:
  db:
    type: cloudify.nodes.openstack.Server
    properties:
      client_config: ${access}
      resource_config: {name: db, flavor_id: small, kwargs: {networks: none}}
      agent_config: {install_method: none}
    relationships: [{type: cloudify.relationships.connected_to, target: disk}]
  disk:
    type: cloudify.nodes.openstack.Volume
    properties: {client_config: ${access}, resource_config: {name: disk, size: 1, imageRef: {get_input: image}}}
`
describe('a volume node that its server boots from', function () {
  this.timeout(120_000)
  let fake: FakeOpenstack
  let test: TestFermata
  beforeEach(async () => {
    fake = await fakeOpenstack()
    const inputs = { access: fake.clientConfig as JsonObject, image: fake.baseImage.id }
    test = await testFermata({ blueprint, inputs, world: shortWorld() })
    await run('install')
  })
  afterEach(async () => {
    await test[Symbol.asyncDispose]()
    await fake.close()
  })
  const run = async (workflow: string, parameters: JsonObject = {}): Promise<void> => {
    const found = await test.run(workflow, parameters, { taskRetries: 3 })
    const tail = (await test.events(found)).slice(-8).map(({ message }) => message)
    expect(found.status, tail.join('\n')).to.equal('terminated')
  }
  const copied = () =>
    [...fake.state.snapshots.values(), ...fake.state.backups.values()].map(({ volumeId }) => volumeId)
  const known = async () => {
    const instances = await test.fermata.nodeInstances.list('test')
    return instances.find(({ nodeId }) => nodeId === 'disk')?.runtimeProperties['id']
  }

  for (const [kind, snapshot_incremental] of [
    ['snapshots', true],
    ['backups', false],
  ] as const) {
    it(`follows restores of ${kind}, and leaves nothing`, async () => {
      const call = (snapshot_name: string): JsonObject => ({ snapshot_name, snapshot_incremental })
      const first = await known()
      fake.server('db').write('one')
      await run('backup', call('one'))
      fake.server('db').write('changed')
      await run('restore', call('one'))
      expect(fake.server('db').contents).to.deep.equal({ vda: 'one' })
      fake.server('db').write('two')
      await run('backup', call('two'))
      // Each once, of what the server boots from at that time.
      const second = fake.server('db').rootVolume?.id
      expect(second).to.not.equal(first)
      expect([await known(), copied()]).to.deep.equal([second, [first, second]])
      for (const name of ['one', 'two']) {
        await run('restore', call(name))
        expect(fake.server('db').contents).to.deep.equal({ vda: name })
      }
      for (const name of ['one', 'two']) await run('remove_backup', call(name))
      const theirs = fake.addVolume({ name: 'disk', metadata: { fermata_stands_for: String(first) } })
      await run('uninstall')
      expect([...fake.state.volumes.keys()]).to.deep.equal([theirs.id])
      expect(copied()).to.deep.equal([])
    })
  }
})

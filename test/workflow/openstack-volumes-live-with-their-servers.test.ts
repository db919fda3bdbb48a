// Claim: volumes of a blueprint are attached to their server, saved once each beside it, come back together with it, and go
// with the deployment.
import { expect } from 'chai'
import type { JsonObject } from '../../src/kernel/json.ts'
import { testFermata, type TestFermata } from '../../src/testing/test-fermata.ts'
import { fakeOpenstack, type FakeOpenstack } from '../support/openstack/fake-openstack.ts'
import { shortWorld } from '../support/openstack/node-on-fake.ts'

const access = '{get_input: access}'

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin]
inputs: {access: {}}
node_templates:
  web:
    type: cloudify.nodes.openstack.Server
    properties:
      client_config: ${access}
      resource_config: {name: web, image_id: {get_input: image}, flavor_id: small, kwargs: {networks: none}}
      agent_config: {install_method: none}
${['data', 'log']
  .map(
    (name) => `
  ${name}:
    type: cloudify.nodes.openstack.Volume
    properties: {client_config: ${access}, resource_config: {name: ${name}, size: 1}}
    relationships: [{type: cloudify.relationships.openstack.volume_attached_to_server, target: web}]`,
  )
  .join('')}
`.replace('inputs: {access: {}}', 'inputs: {access: {}, image: {}}')

describe('OpenStack volumes of a blueprint', function () {
  this.timeout(120_000)
  let fake: FakeOpenstack
  let test: TestFermata
  beforeEach(async () => {
    fake = await fakeOpenstack()
    const inputs = { access: fake.clientConfig as JsonObject, image: fake.baseImage.id }
    test = await testFermata({ blueprint, inputs, world: shortWorld() })
    await run('install')
    write('first')
  })
  afterEach(async () => {
    await test[Symbol.asyncDispose]()
    await fake.close()
  })
  const run = async (workflow: string, parameters: JsonObject = {}): Promise<void> => {
    const found = await test.run(workflow, parameters, { taskRetries: 3 })
    const events = await test.events(found)
    const tail = events.slice(-8).map(({ message }) => message)
    expect(found.status, tail.join('\n')).to.equal('terminated')
  }
  const write = (text: string): void => {
    const server = fake.server('web')
    for (const device of Object.keys(server.contents)) server.write(`${text} on ${device}`, device)
  }
  const contents = (): JsonObject => ({ ...fake.server('web').contents })
  const all = (text: string) => Object.fromEntries(['vda', 'vdb', 'vdc'].map((one) => [one, `${text} on ${one}`]))
  const copies = () => {
    const { snapshots, backups, images } = fake.state
    const volumes = [...snapshots.values(), ...backups.values()].map(({ volumeId }) => fake.volume(volumeId).name ?? '')
    return [...volumes, ...[...images.values()].flatMap(({ name }) => (name === 'cirros' ? [] : ['web']))].toSorted()
  }

  it('are attached, and go again', async () => {
    expect(contents()).to.deep.equal(all('first'))
    await run('uninstall')
    expect([fake.state.servers.size, fake.state.volumes.size]).to.deep.equal([0, 0])
  })

  for (const [kind, snapshot_incremental] of [
    ['snapshots', true],
    ['backups', false],
  ] as const) {
    it(`have ${kind} of their own, once, and come back with their server`, async () => {
      await run('backup', { snapshot_name: 'one', snapshot_incremental })
      expect(copies()).to.deep.equal(['data', 'log', 'web'])
      write('second')
      await run('backup', { snapshot_name: 'two', snapshot_incremental })
      expect(copies()).to.have.length(6)
      write('third')
      for (const [name, text] of [
        ['one', 'first'],
        ['two', 'second'],
      ] as const) {
        await run('restore', { snapshot_name: name, snapshot_incremental })
        expect(contents()).to.deep.equal(all(text))
        expect([fake.server('web').status, copies().length]).to.deep.equal(['ACTIVE', 6])
      }
      await run('remove_backup', { snapshot_name: 'one', snapshot_incremental })
      expect(copies()).to.deep.equal(['data', 'log', 'web'])
      await run('remove_backup', { snapshot_name: 'two', snapshot_incremental })
      expect(copies()).to.deep.equal([])
      await run('uninstall')
      expect([fake.state.servers.size, fake.state.volumes.size]).to.deep.equal([0, 0])
    })
  }
})

// Claim: on a real control plane keys, images, flavors, groups of servers and hosts, types of volumes, users and projects are
// made as their blueprint says, found by another blueprint, and go again without a trace.
import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { closeSharedClouds, cloudOf } from '../../../src/plugins/openstack/client/shared-clouds.ts'
import type { Cloud } from '../../../src/plugins/openstack/client/cloud.ts'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { testFermata, type TestFermata } from '../../../src/testing/test-fermata.ts'
import { testUser } from '../../unit/plugins/openstack/small-cloud.ts'
import { clientConfig } from './lab.ts'

const three = 'cloudify.nodes.openstack'
const name = `fermata-${randomBytes(4).toString('hex')}`
const access = '{get_input: access}'

const topology = (own: string): string => `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin]
inputs: {access: {}}
dsl_definitions:
  ours: &ours {client_config: ${access}${own}}
node_templates:
  key: {type: ${three}.KeyPair, properties: {<<: *ours, resource_config: {name: ${name}}}}
  group: {type: ${three}.ServerGroup, properties: {<<: *ours, resource_config: {name: ${name}, policies: [anti-affinity]}}}
  flavor:
    type: ${three}.Flavor
    properties: {<<: *ours, resource_config: {name: ${name}, ram: 64, disk: 0, vcpus: 1}, extra_specs: {"hw:cpu_policy": shared}}
  aggregate: {type: ${three}.HostAggregate, properties: {<<: *ours, resource_config: {name: ${name}}, metadata: {ssd: true}}}
  image:
    type: ${three}.Image
    properties:
      <<: *ours
      resource_config: {name: ${name}, disk_format: raw, kwargs: {hw_qemu_guest_agent: "yes"}}
      image_url: files/disk.raw
  kind: {type: ${three}.VolumeType, properties: {<<: *ours, resource_config: {name: ${name}}}}
  user: {type: ${three}.User, properties: {<<: *ours, resource_config: {name: ${name}, password: planted-password}}}
  team: {type: ${three}.Group, properties: {<<: *ours, resource_config: {name: ${name}}}}
  role: {type: ${three}.Role, properties: {<<: *ours, resource_config: {name: ${name}}}}
  project:
    type: ${three}.Project
    properties:
      <<: *ours
      resource_config: {name: ${name}}
      users: [{name: ${name}, roles: [${name}]}]
      groups: [{name: ${name}, roles: [${name}]}]
      quota: {compute: {cores: 3}, volume: {gigabytes: 7}}
    relationships:
      - {type: cloudify.relationships.depends_on, target: user}
      - {type: cloudify.relationships.depends_on, target: team}
      - {type: cloudify.relationships.depends_on, target: role}
`

const lists = [
  ['compute', '/os-keypairs', 'keypairs'],
  ['compute', '/os-server-groups', 'server_groups'],
  ['compute', '/flavors', 'flavors', { is_public: 'none' }],
  ['compute', '/os-aggregates', 'aggregates'],
  ['image', '/images', 'images', { name }],
  ['volume', '/types', 'volume_types', { is_public: 'None' }],
  ['identity', '/users', 'users'],
  ['identity', '/groups', 'groups'],
  ['identity', '/roles', 'roles'],
  ['identity', '/projects', 'projects'],
] as const

describe('plain things of a real control plane', function () {
  this.timeout(300_000)
  let cloud: Cloud
  const open: TestFermata[] = []
  before(async () => {
    cloud = await cloudOf(testUser(), { clientConfig })
  })
  after(async () => {
    for (const test of open) await test[Symbol.asyncDispose]()
    await closeSharedClouds()
  })
  const deploy = async (own = ''): Promise<TestFermata> => {
    const files = { 'files/disk.raw': 'the disk of nobody' }
    const test = await testFermata({ blueprint: topology(own), files, inputs: { access: clientConfig } })
    open.push(test)
    return test
  }
  const run = async (test: TestFermata, workflow: string): Promise<void> => {
    const found = await test.run(workflow, {}, { taskRetries: 3 })
    const tail = (await test.events(found)).slice(-5).map(({ message }) => message)
    expect(found.status, tail.join('\n')).to.equal('terminated')
  }
  const known = async (test: TestFermata, node: string): Promise<JsonObject> => {
    const instances = await test.fermata.nodeInstances.list('test')
    return instances.find(({ nodeId }) => nodeId === node)?.runtimeProperties ?? {}
  }
  /** How many there are with our name, of each kind. */
  const counts = async (): Promise<Record<string, number>> => {
    const found: Record<string, number> = {}
    for (const [service, path, collection, query] of lists) {
      found[collection] = 0
      for await (const item of cloud.pages<JsonObject>({ service, path, query }, collection)) {
        const shown = (item['keypair'] ?? item) as JsonObject
        if (shown['name'] === name) found[collection] += 1
      }
    }
    return found
  }
  const each = (count: number) => Object.fromEntries(lists.map(([, , collection]) => [collection, count]))

  it('are made, found by another deployment that leaves them, and go again', async () => {
    const test = await deploy()
    await run(test, 'install')
    expect(await counts()).to.deep.equal(each(1))
    const image = await known(test, 'image')
    expect(image['image']).to.include({
      status: 'active',
      size: 'the disk of nobody'.length,
      hw_qemu_guest_agent: 'yes',
    })
    const key = readFileSync(String((await known(test, 'key'))['private_key_path']), 'utf8')
    expect(key).to.match(/^-----BEGIN RSA PRIVATE KEY-----/)
    const other = await deploy(', use_external_resource: true')
    await run(other, 'install')
    expect((await known(other, 'image'))['id']).to.equal(image['id'])
    await run(other, 'uninstall')
    expect(await counts()).to.deep.equal(each(1))
    await run(test, 'uninstall')
    expect(await counts()).to.deep.equal(each(0))
  })
})

// Claim: a blueprint in the manner of cloudify-libvirt-plugin's examples is installed, suspended, measured and uninstalled
// as it is: params as inputs, one domain used twice, attributes that one node takes from another.
import { expect } from 'chai'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fermata } from '../../src/engine/api.ts'
import { openFermata } from '../../src/engine/open.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { textAt } from '../../src/plugins/libvirt/xml/element.ts'
import { realWorld } from '../../src/world/real-world.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/folder.ts'
import { expectKeptPromises } from '../support/kept-promises.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../support/libvirt/fake-libvirtd.ts'
import { paused, running } from '../support/libvirt/model/states.ts'

const blueprint = (uri: string, disk: string): string => `tosca_definitions_version: cloudify_dsl_1_3
imports:
  - http://www.getcloudify.org/spec/cloudify/4.4/types.yaml
  - https://raw.githubusercontent.com/cloudify-incubator/cloudify-utilities-plugin/1.9.5/plugin.yaml
  - https://raw.githubusercontent.com/cloudify-incubator/cloudify-libvirt-plugin/0.6.0/plugin.yaml
node_templates:
  qemu_vm:
    type: cloudify.libvirt.domain
    properties:
      agent_config: {install_method: none}
      libvirt_auth: '${uri}'
    interfaces:
      cloudify.interfaces.lifecycle:
        create:
          inputs:
            params:
              domain_type: qemu
              vcpu: 2
              memory_size: 524288
              disks: [{dev: vda, bus: virtio, file: '${disk}', type: qcow2}]
              networks: [{network: lan, dev: vnet0, mac: '52:54:00:00:00:07'}]
  reuse_vm:
    type: cloudify.libvirt.domain
    properties:
      agent_config: {install_method: none}
      libvirt_auth: '${uri}'
    interfaces:
      cloudify.interfaces.lifecycle:
        create:
          inputs: {use_external_resource: true, resource_id: {get_attribute: [qemu_vm, resource_id]}}
        start:
          implementation: libvirt.cloudify_libvirt.domain_tasks.update
          inputs: {params: {memory_size: 393216}}
    relationships:
      - {target: qemu_vm, type: cloudify.relationships.depends_on}
`

describe('libvirt blueprints run as they were written', () => {
  let libvirtd: FakeLibvirtd
  let folder: TemporaryFolder
  let fermata: Fermata
  const home = (): string => join(folder.path, 'home')

  before(async () => {
    libvirtd = await fakeLibvirtd({ domains: ['other'] })
    folder = await temporaryFolder()
    fermata = await openFermata({ home: home(), world: realWorld() })
    const lan = libvirtd.host.networks.define(`<network><name>lan</name></network>`)
    libvirtd.host.networks.start(lan)
    lan.leases = [{ mac: '52:54:00:00:00:07', ip: '10.9.8.7' }]
    const path = join(folder.path, 'blueprint.yaml')
    await writeFile(path, blueprint(libvirtd.uri, libvirtd.domain('other').disks()[0]?.path ?? ''))
    await fermata.blueprints.upload('it', { path })
    await fermata.deployments.create('it', 'it', {})
  })
  after(async () => {
    await fermata[Symbol.asyncDispose]()
    await expectKeptPromises(home())
    await libvirtd.close()
    await folder[Symbol.asyncDispose]()
  })

  async function succeed(workflow: string, parameters: JsonObject = {}): Promise<void> {
    const { status, error } = await fermata.executions.start({ workflow, deploymentId: 'it', parameters })
    expect(status, JSON.stringify(error)).to.equal('terminated')
  }

  async function known(node: string): Promise<Readonly<Record<string, Json>>> {
    const instances = await fermata.nodeInstances.list('it')
    return instances.find(({ nodeId }) => nodeId === node)?.runtimeProperties ?? {}
  }

  it('install makes one domain of the two nodes, with what both of them say', async () => {
    await succeed('install')
    const { resource_id: name, ip, params } = await known('qemu_vm')
    expect([...libvirtd.host.domains.values()].map((one) => one.name)).to.have.members(['other', name])
    const { config, document, state } = libvirtd.domain(name as string)
    expect(state).to.equal(running)
    expect([textAt(config, 'memory'), textAt(config, 'vcpu')]).to.deep.equal(['1048576', '2'])
    expect([textAt(config, 'currentMemory'), textAt(document, 'currentMemory')]).to.deep.equal(['393216', '393216'])
    expect(ip).to.match(/^\d+\.\d+\.\d+\.\d+$/)
    expect(params).to.include({ name, vcpu: 2 })
    expect(await known('reuse_vm')).to.include({ resource_id: name, use_external_resource: true })
  })

  it('suspend and resume work on both, and leave the domain running', async () => {
    const { resource_id: name } = await known('qemu_vm')
    await succeed('suspend')
    expect(libvirtd.domain(name as string).state).to.equal(paused)
    await succeed('resume')
    expect(libvirtd.domain(name as string).state).to.equal(running)
  })

  it('statistics are kept as the original kept them, and as series', async () => {
    await succeed('statistics')
    const { stat } = await known('qemu_vm')
    expect(stat).to.include.keys('cpu', 'memory')
    expect((stat as JsonObject)['memory']).to.be.a('number')
  })

  it('uninstall takes away what install made, and nothing else', async () => {
    await succeed('uninstall')
    expect([...libvirtd.host.domains.values()].map(({ name }) => name)).to.deep.equal(['other'])
    expect(libvirtd.domain('other').state).to.equal(running)
    expect(await known('qemu_vm')).to.not.have.any.keys('resource_id', 'domain_uuid', 'ip')
  })
})

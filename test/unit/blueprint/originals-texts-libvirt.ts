// Blueprints as users of the libvirt plugin write them.
import type { UsersBlueprint } from './originals-texts.ts'

const lv = 'libvirt.cloudify_libvirt.'

const libvirtWhole: UsersBlueprint = {
  name: 'libvirt: a domain on a network, its disk by scripts, a web server that syncs through the terminal',
  text: `
tosca_definitions_version: cloudify_dsl_1_3
imports:
  - http://www.getcloudify.org/spec/cloudify/4.4/types.yaml
  - https://raw.githubusercontent.com/cloudify-incubator/cloudify-utilities-plugin/1.9.5/plugin.yaml
  - https://raw.githubusercontent.com/cloudify-incubator/cloudify-libvirt-plugin/0.6.0/plugin.yaml
inputs: {password: {default: secret}}
relationships:
  on_disk:
    derived_from: cloudify.relationships.contained_in
    target_interfaces:
      cloudify.interfaces.relationship_lifecycle:
        preconfigure: {implementation: scripts/prepare.py, executor: central_deployment_agent, inputs: {}}
node_templates:
  net:
    type: cloudify.libvirt.network
    interfaces:
      cloudify.interfaces.lifecycle:
        create:
          inputs: {params: {dev: virbr7, forwards: [{mode: nat}], ips: [{address: 10.7.0.1, netmask: 255.255.255.0, dhcp: {start: 10.7.0.2, end: 10.7.0.99}}]}}
  disk:
    type: cloudify.nodes.ApplicationServer
    interfaces:
      cloudify.interfaces.lifecycle:
        create: {implementation: scripts/copy.sh, executor: central_deployment_agent}
      cloudify.interfaces.snapshot:
        create: {implementation: scripts/disk_create.py, executor: central_deployment_agent}
        delete: {implementation: scripts/disk_delete.py, executor: central_deployment_agent}
  vm:
    type: cloudify.libvirt.domain
    properties:
      agent_config: {install_method: none}
      backup_dir: /var/backups
      params: {domain_type: kvm, vcpu: 2, memory_size: 524288, full_dump: true, networks: [{network: net, dev: vnet0}]}
    relationships:
      - {target: net, type: cloudify.libvirt.relationships.connected_to}
      - {target: disk, type: on_disk}
  web:
    type: cloudify.nodes.WebServer
    interfaces:
      cloudify.interfaces.freeze:
        fs_prepare: &sync
          implementation: terminal.cloudify_terminal.tasks.run
          inputs:
            terminal_auth: {user: root, password: {get_input: password}, ip: {get_attribute: [vm, ip]}}
            calls: [{action: sync}]
        fs_finalize: *sync
    relationships: [{target: vm, type: cloudify.relationships.contained_in}]
  again:
    type: cloudify.libvirt.domain
    properties: {agent_config: {install_method: none}, use_external_resource: true, resource_id: vm}
    interfaces:
      cloudify.interfaces.lifecycle:
        start: {implementation: libvirt.cloudify_libvirt.domain_tasks.update, inputs: {params: {memory_size: 393216}}}
    relationships: [{target: web, type: cloudify.relationships.depends_on}]
`,
  files: ['scripts/prepare.py', 'scripts/copy.sh', 'scripts/disk_create.py', 'scripts/disk_delete.py'],
  computes: ['vm', 'again'],
  hosts: { web: 'vm' },
  mappings: {
    'vm snapshot.create': `${lv}domain_tasks.snapshot_create`,
    'vm statistics.perfomance': `${lv}domain_tasks.perfomance`,
    'net snapshot.apply': `${lv}network_tasks.snapshot_apply`,
    'disk snapshot.create': 'script.script_runner.tasks.run',
    'web freeze.fs_prepare': 'terminal.cloudify_terminal.tasks.run',
    'again lifecycle.start': `${lv}domain_tasks.update`,
  },
}

const libvirtStorage: UsersBlueprint = {
  name: 'libvirt: pool, volume and image under the newest version of the language',
  text: `
tosca_definitions_version: cloudify_dsl_1_5
imports: [cloudify/types/types.yaml, 'plugin:cloudify-libvirt-plugin', 'plugin:cloudify-utilities-plugin']
node_templates:
  pool: {type: cloudify.libvirt.pool, properties: {libvirt_auth: 'qemu+ssh://host/system', params: {path: /srv/pool, capacity: 100}}}
  volume:
    type: cloudify.libvirt.volume
    properties: {params: {pool: {get_attribute: [pool, resource_id]}, capacity: 10, url: 'https://example.com/a.qcow2'}}
    relationships: [{target: pool, type: cloudify.relationships.contained_in}]
  iso:
    type: cloudify.libvirt.ISO9660
    properties: {params: {volume: seed, pool: p, files: {meta-data: 'instance-id: vm'}}}
  vm:
    type: cloudify.libvirt.domain
    interfaces:
      cloudify.interfaces.lifecycle:
        configure: {inputs: {template_resource: domain.xml, params: {vcpu: 1, memory_size: 65536}}}
    relationships: [{target: volume, type: cloudify.relationships.depends_on}]
`,
  files: ['domain.xml'],
  computes: ['vm'],
  mappings: {
    'pool snapshot.create': `${lv}pool_tasks.snapshot_create`,
    'volume snapshot.delete': `${lv}volume_tasks.snapshot_delete`,
  },
}

export const libvirtBlueprints: readonly UsersBlueprint[] = [libvirtWhole, libvirtStorage]

// Blueprints as users of the vSphere plugin write them.
import type { UsersBlueprint } from './originals-texts.ts'

const vs = 'vsphere.vsphere_server_plugin.server.'

const vsphereDisk: UsersBlueprint = {
  name: 'vSphere: a server with a disk that a fabric task looks after',
  text: `
tosca_definitions_version: cloudify_dsl_1_3
imports:
  - http://www.getcloudify.org/spec/cloudify/4.5/types.yaml
  - http://www.getcloudify.org/spec/fabric-plugin/1.5.1/plugin.yaml
  - plugin:cloudify-vsphere-plugin
  - plugin:cloudify-utilities-plugin
inputs:
  host: {type: string}
  port: {type: string, default: '443'}
  insecure: {type: string, default: 'true'}
dsl_definitions:
  connection_config: &connection_config
    username: root
    password: {get_secret: vcenter}
    host: {get_input: host}
    port: {get_input: port}
    datacenter_name: Datacenter
    resource_pool_name: Resources
    auto_placement: {get_input: insecure}
    allow_insecure: {get_input: insecure}
node_templates:
  vm:
    type: cloudify.vsphere.nodes.Server
    properties:
      connection_config: *connection_config
      agent_config: {install_method: none}
      server: {name: shop, template: debian, cpus: 2, memory: 2048}
      networking:
        domain: example.com
        dns_servers: [8.8.8.8]
        connect_networks:
          - {name: Internal, management: true, switch_distributed: false, use_dhcp: false, network: 10.0.0.0/24, gateway: 10.0.0.1, ip: 10.0.0.9}
      custom_attributes: {owner: shop}
  disk:
    type: cloudify.vsphere.nodes.Storage
    properties: {connection_config: *connection_config, storage: {storage_size: 10}}
    interfaces:
      cloudify.interfaces.lifecycle:
        configure:
          implementation: fabric.fabric_plugin.tasks.run_task
          inputs: {tasks_file: scripts/disk.py, task_name: format, fabric_env: {user: root, host_string: {get_attribute: [vm, public_ip]}}}
    relationships:
      - {target: vm, type: cloudify.vsphere.storage_connected_to_server}
`,
  files: ['scripts/disk.py'],
  inputs: { host: 'vcenter.example.com' },
  computes: ['vm'],
  mappings: {
    'vm snapshot.create': `${vs}snapshot_create`,
    'vm freeze.resume': `${vs}freeze_resume`,
    'disk lifecycle.create': 'vsphere.vsphere_storage_plugin.storage.create',
    'disk lifecycle.configure': 'fabric.fabric_plugin.tasks.run_task',
  },
}

const vsphereLibrary: UsersBlueprint = {
  name: 'vSphere: machines out of a content library, a NIC, and what lies around them',
  text: `
tosca_definitions_version: cloudify_dsl_1_3
imports:
  - cloudify/types/types.yaml
  - http://www.getcloudify.org/spec/vsphere-plugin/2.18.0/plugin.yaml
  - http://www.getcloudify.org/spec/utilities-plugin/1.21.0/plugin.yaml
dsl_definitions:
  c: &c {username: u, password: p, host: h, port: 443, datacenter_name: dc}
node_templates:
  folder: {type: cloudify.vsphere.nodes.VMFolder, properties: {name: vm, connection_config: *c}}
  pool: {type: cloudify.vsphere.nodes.ResourcePool, properties: {use_external_resource: true, name: Resources, connection_config: *c}}
  store: {type: cloudify.vsphere.nodes.Datastore, properties: {name: ds, connection_config: *c}}
  host: {type: cloudify.vsphere.nodes.Host, properties: {name: esx, connection_config: *c}}
  net: {type: cloudify.vsphere.nodes.Network, properties: {connection_config: *c, network: {name: net, vlan_id: 7, vswitch_name: v}}}
  cloud_init:
    type: cloudify.nodes.CloudInit.CloudConfig
    interfaces:
      cloudify.interfaces.lifecycle:
        create: {inputs: {resource_config: {users: [{name: root, ssh_authorized_keys: [{get_attribute: [key, public_key_export]}]}]}}}
    relationships: [{target: key, type: cloudify.relationships.depends_on}]
  key:
    type: cloudify.keys.nodes.RSAKey
    properties: {use_secret_store: false}
    interfaces:
      cloudify.interfaces.lifecycle:
        create:
          implementation: keys.cloudify_ssh_key.operations.create
          inputs: {store_private_key_material: true}
  image:
    type: cloudify.vsphere.nodes.CloudInitISO
    properties: {connection_config: *c, files: {user-data: '#cloud-config'}}
  template:
    type: cloudify.vsphere.nodes.ContentLibraryDeployment
    properties: {library_name: lib, template_name: debian, connection_config: *c}
    interfaces:
      cloudify.interfaces.lifecycle:
        create: {inputs: {target: {folder_id: {get_attribute: [folder, vsphere_vm_folder_id]}}}}
  vm:
    type: cloudify.vsphere.nodes.Server
    properties: {use_external_resource: true, connection_config: *c, enable_start_vm: false, os_family: other}
    interfaces:
      cloudify.interfaces.lifecycle:
        start: {inputs: {server: {name: {get_attribute: [template, vm_name]}}}}
        stop: {inputs: {force_stop: true}}
  nic:
    type: cloudify.vsphere.nodes.NIC
    properties: {connection_config: *c, name: net}
    relationships: [{target: vm, type: cloudify.vsphere.nic_connected_to_server}]
  windows:
    type: cloudify.nodes.vsphere.WindowsServer
    properties: {connection_config: *c, windows_password: p, server: {template: win}}
`,
  computes: ['vm', 'windows'],
  hosts: { nic: 'vm' },
  mappings: {
    'vm snapshot.delete': `${vs}snapshot_delete`,
    'windows freeze.suspend': `${vs}freeze_suspend`,
    'key lifecycle.create': 'keys.cloudify_ssh_key.operations.create',
  },
}

export const vsphereBlueprints: readonly UsersBlueprint[] = [vsphereDisk, vsphereLibrary]

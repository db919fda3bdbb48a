// Blueprints as users of the OpenStack plugin write them.
import type { UsersBlueprint } from './originals-texts.ts'

const os = 'openstack.openstack_plugin.resources.'

const openstack3: UsersBlueprint = {
  name: 'OpenStack 3.x: a server that boots from a volume, with a data volume and a network',
  text: `
tosca_definitions_version: cloudify_dsl_1_3
imports:
  - https://cloudify.co/spec/cloudify/5.1.0/types.yaml
  - plugin:cloudify-openstack-plugin?version=>=3.2.0,<4.0.0
  - plugin:cloudify-utilities-plugin
inputs:
  cloud: {default: https://keystone:5000/v3}
  image: {type: string, default: debian}
dsl_definitions:
  access: &access
    auth_url: {get_input: cloud}
    username: backup
    password: {get_secret: cloud_password}
    project_name: shop
    region_name: RegionOne
    user_domain_name: Default
    project_domain_name: Default
    insecure: "False"
node_templates:
  net:
    type: cloudify.nodes.openstack.Network
    properties: {client_config: *access, resource_config: {name: shop}}
  subnet:
    type: cloudify.nodes.openstack.Subnet
    properties:
      client_config: *access
      resource_config: {name: shop, cidr: 10.5.0.0/24, ip_version: 4, allocation_pools: [{start: 10.5.0.10, end: 10.5.0.90}]}
    relationships:
      - {type: cloudify.relationships.contained_in, target: net}
      - {type: cloudify.relationships.openstack.subnet_connected_to_router, target: router}
  router:
    type: cloudify.nodes.openstack.Router
    properties: {client_config: *access, external_network: public}
  rules:
    type: cloudify.nodes.openstack.SecurityGroup
    properties:
      client_config: *access
      resource_config: {name: shop, description: who may come in}
      security_group_rules: [{direction: ingress, protocol: tcp, port_range_min: 22, port_range_max: 22}]
  port:
    type: cloudify.nodes.openstack.Port
    properties:
      client_config: *access
      resource_config: {fixed_ips: [{subnet_id: {get_attribute: [subnet, id]}}]}
    relationships:
      - {type: cloudify.relationships.contained_in, target: net}
      - {type: cloudify.relationships.depends_on, target: subnet}
      - {type: cloudify.relationships.openstack.port_connected_to_security_group, target: rules}
      - {type: cloudify.relationships.openstack.port_connected_to_floating_ip, target: address}
  address:
    type: cloudify.nodes.openstack.FloatingIP
    properties: {client_config: *access, resource_config: {floating_network_name: public}}
    interfaces:
      cloudify.interfaces.lifecycle:
        create: {inputs: {resource_config: {get_property: [SELF, resource_config]}}}
  disk:
    type: cloudify.nodes.openstack.Volume
    properties: {client_config: *access, resource_config: {name: system, size: 20, imageRef: {get_input: image}}}
  data:
    type: cloudify.nodes.openstack.Volume
    properties: {client_config: *access, device_name: /dev/vdb, resource_config: {name: data, size: 100}}
    relationships:
      - {type: cloudify.relationships.openstack.volume_attached_to_server, target: vm}
  key:
    type: cloudify.nodes.openstack.KeyPair
    properties: {client_config: *access, use_external_resource: true, resource_config: {id: operators}}
  vm:
    type: cloudify.nodes.openstack.Server
    properties:
      client_config: *access
      agent_config: {install_method: none}
      use_public_ip: true
      resource_config: {name: shop, flavor_id: m1.small, availability_zone: nova, kwargs: {config_drive: true}}
    relationships:
      - {type: cloudify.relationships.openstack.server_connected_to_keypair, target: key}
      - {type: cloudify.relationships.openstack.server_connected_to_port, target: port}
      - {type: cloudify.relationships.depends_on, target: disk}
`,
  computes: ['vm'],
  mappings: {
    'vm snapshot.create': `${os}compute.server.snapshot_create`,
    'vm freeze.suspend': `${os}compute.server.suspend`,
    'data snapshot.create': `${os}volume.volume.snapshot_create`,
    'disk snapshot.delete': `${os}volume.volume.snapshot_delete`,
    'address lifecycle.create': `${os}network.floating_ip.create`,
  },
}

const openstack2: UsersBlueprint = {
  name: 'OpenStack 2.x: args for the create operations, older names, compat.yaml',
  text: `
tosca_definitions_version: cloudify_dsl_1_3
imports:
  - http://www.getcloudify.org/spec/cloudify/4.3.1/types.yaml
  - http://www.getcloudify.org/spec/openstack-plugin/2.14.9/plugin.yaml
  - https://raw.githubusercontent.com/cloudify-cosmo/cloudify-openstack-plugin/3.2.1/compat.yaml
  - plugin:cloudify-fabric-plugin
  - http://www.getcloudify.org/spec/utilities-plugin/1.9.5/plugin.yaml
inputs:
  image: {default: centos}
  size: {default: 10}
dsl_definitions:
  openstack_config: &openstack_config
    username: {get_secret: user}
    password: {get_secret: password}
    tenant_name: shop
    auth_url: http://keystone:5000/v2.0
    region: RegionOne
node_templates:
  db:
    type: cloudify.openstack.nodes.Server
    properties:
      openstack_config: *openstack_config
      resource_id: db
      image: {get_input: image}
      flavor: m1.large
      management_network_name: {get_property: [net, resource_id]}
      agent_config: {user: centos, install_method: none}
      server: {security_groups: [default]}
    interfaces:
      cloudify.interfaces.lifecycle:
        create:
          inputs:
            args:
              availability_zone: nova
              block_device_mapping_v2:
                - boot_index: "0"
                  uuid: {get_attribute: [system, external_id]}
                  source_type: volume
                  destination_type: volume
                  delete_on_termination: false
    relationships:
      - {target: nic, type: cloudify.openstack.server_connected_to_port}
      - {target: key, type: cloudify.openstack.server_connected_to_keypair}
      - {target: system, type: cloudify.relationships.depends_on}
  system:
    type: cloudify.openstack.nodes.Volume
    properties:
      openstack_config: *openstack_config
      boot: true
      volume: {size: {get_input: size}, imageRef: {get_input: image}}
    interfaces:
      cloudify.interfaces.lifecycle:
        create: {inputs: {args: {size: {get_property: [SELF, volume, size]}}}}
  records:
    type: cloudify.openstack.nodes.Volume
    properties: {openstack_config: *openstack_config, resource_id: records, device_name: auto, volume: {size: 50}}
    relationships:
      - {target: db, type: cloudify.openstack.volume_attached_to_server}
  net:
    type: cloudify.openstack.nodes.Network
    properties: {openstack_config: *openstack_config, resource_id: shop}
  subnet:
    type: cloudify.openstack.nodes.Subnet
    properties: {openstack_config: *openstack_config, subnet: {ip_version: 4, cidr: 10.6.0.0/24}}
    relationships:
      - {target: net, type: cloudify.relationships.contained_in}
      - {target: router, type: cloudify.openstack.subnet_connected_to_router}
  router:
    type: cloudify.openstack.nodes.Router
    properties: {openstack_config: *openstack_config, default_to_managers_external_network: false}
  rules:
    type: cloudify.openstack.nodes.SecurityGroup
    properties: {openstack_config: *openstack_config, rules: [{remote_ip_prefix: 0.0.0.0/0, port: 22}]}
  nic:
    type: cloudify.openstack.nodes.Port
    properties: {openstack_config: *openstack_config}
    relationships:
      - {target: net, type: cloudify.relationships.contained_in}
      - {target: subnet, type: cloudify.relationships.depends_on}
      - {target: rules, type: cloudify.openstack.port_connected_to_security_group}
  key:
    type: cloudify.openstack.nodes.KeyPair
    properties: {openstack_config: *openstack_config, resource_id: k, private_key_path: ~/.ssh/k.pem}
  files:
    type: cloudify.nodes.WebServer
    interfaces:
      cloudify.interfaces.freeze:
        fs_prepare: {implementation: fabric.fabric_plugin.tasks.run_commands, inputs: {commands: [sync]}}
        fs_finalize: {implementation: fabric.fabric_plugin.tasks.run_commands, inputs: {commands: [sync]}}
    relationships:
      - {target: db, type: cloudify.relationships.contained_in}
`,
  computes: ['db'],
  hosts: { files: 'db' },
  mappings: {
    'db snapshot.apply': `${os}compute.server.snapshot_apply`,
    'records snapshot.create': `${os}volume.volume.snapshot_create`,
    'files freeze.fs_prepare': 'fabric.fabric_plugin.tasks.run_commands',
  },
}

const windows: UsersBlueprint = {
  name: 'OpenStack: a Windows server of each generation',
  text: `
tosca_definitions_version: cloudify_dsl_1_4
imports: [cloudify/types/types.yaml, 'plugin:cloudify-openstack-plugin']
node_templates:
  new: {type: cloudify.nodes.openstack.WindowsServer, properties: {use_password: true}}
  old: {type: cloudify.openstack.nodes.WindowsServer, properties: {agent_config: {user: Admin}}}
`,
  computes: ['new', 'old'],
  mappings: { 'new freeze.resume': `${os}compute.server.resume`, 'old freeze.suspend': `${os}compute.server.suspend` },
}

export const openstackBlueprints: readonly UsersBlueprint[] = [openstack3, openstack2, windows]

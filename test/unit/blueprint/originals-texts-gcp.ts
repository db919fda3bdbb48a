// Blueprints as users of the GCP plugin write them.
import type { UsersBlueprint } from './originals-texts.ts'

const gcpDisk: UsersBlueprint = {
  name: 'GCP: a boot disk with a snapshot node of its own',
  text: `
tosca_definitions_version: cloudify_dsl_1_3
imports:
  - http://cloudify.co/spec/cloudify/4.5/types.yaml
  - plugin:cloudify-gcp-plugin
  - https://raw.githubusercontent.com/cloudify-incubator/cloudify-utilities-plugin/1.16.1/plugin.yaml
dsl_definitions:
  - &account
    auth: {type: service_account, project_id: shop, client_email: a@b, private_key: {get_secret: gcp_key}}
    project: shop
    zone: europe-west1-b
node_templates:
  vm:
    type: cloudify.gcp.nodes.Instance
    properties: {gcp_config: *account, name: shop, external_ip: true, use_public_ip: true, install_agent: false}
    relationships:
      - {type: cloudify.gcp.relationships.instance_contained_in_network, target: subnet}
      - {type: cloudify.relationships.connected_to, target: disk}
  disk:
    type: cloudify.gcp.nodes.Volume
    properties: {gcp_config: *account, image: 'projects/debian-cloud/global/images/debian-12', boot: true, size: 20}
  copy:
    type: cloudify.gcp.nodes.Snapshot
    properties: {gcp_config: *account, disk_name: {get_attribute: [disk, name]}}
    relationships: [{type: cloudify.relationships.depends_on, target: disk}]
  subnet:
    type: cloudify.gcp.nodes.SubNetwork
    properties: {gcp_config: *account, region: europe-west1, subnet: 10.8.0.0/20}
    relationships: [{type: cloudify.gcp.relationships.contained_in_network, target: net}]
  net:
    type: cloudify.gcp.nodes.Network
    properties: {gcp_config: *account, auto_subnets: false}
outputs:
  ip: {value: {get_attribute: [vm, ip]}}
`,
  computes: ['vm'],
  mappings: {
    'copy snapshot.create': 'gcp_plugin.cloudify_gcp.compute.snapshot.create',
    'vm lifecycle.configure': 'gcp_plugin.cloudify_gcp.compute.instance.create',
  },
}

const gcpBalancer: UsersBlueprint = {
  name: 'GCP: newer names, an attached disk, and a balancer in front',
  text: `
tosca_definitions_version: cloudify_dsl_1_4
imports: [cloudify/types/types.yaml, 'plugin:cloudify-gcp-plugin?version= >=1.7.0']
dsl_definitions:
  c: &c {auth: {get_secret: gcp}, zone: z}
node_templates:
  vm:
    type: cloudify.nodes.gcp.Instance
    properties: {client_config: *c, startup_script: {type: string, script: apt install -y nginx}, tags: [web]}
    relationships:
      - {type: cloudify.relationships.gcp.instance_connected_to_instance_group, target: group}
      - {type: cloudify.relationships.gcp.instance_connected_to_security_group, target: rules}
      - {type: cloudify.relationships.gcp.instance_connected_to_ip, target: address}
  data:
    type: cloudify.nodes.gcp.Volume
    properties: {client_config: *c, additional_settings: {type: pd-ssd}}
    relationships: [{type: cloudify.relationships.gcp.instance_connected_to_disk, target: vm}]
  group: {type: cloudify.nodes.gcp.InstanceGroup, properties: {client_config: *c, named_ports: [{name: http, port: 80}]}}
  rules: {type: cloudify.nodes.gcp.SecurityGroup, properties: {client_config: *c, rules: [{allowed: {tcp: [80]}, sources: [0.0.0.0/0]}]}}
  address: {type: cloudify.nodes.gcp.Address, properties: {client_config: *c, region: r}}
  check: {type: cloudify.nodes.gcp.HealthCheck, properties: {client_config: *c, health_check_type: http}}
  backend:
    type: cloudify.nodes.gcp.BackendService
    properties: {client_config: *c, health_check: {get_attribute: [check, selfLink]}}
    relationships: [{type: cloudify.relationships.gcp.uses_as_backend, target: group}]
`,
  computes: ['vm'],
  mappings: { 'data lifecycle.create': 'gcp_plugin.cloudify_gcp.compute.disk.create' },
}

export const gcpBlueprints: readonly UsersBlueprint[] = [gcpDisk, gcpBalancer]

// What cloudify-openstack-plugin defines, in short: written from what is known of it, not from the file under test.
import type { JsonObject } from '../../../src/kernel/json.ts'
import { compute, createDelete, root, snapshots, type, windows, type ListedPlugin } from './originals-listed.ts'

const external: JsonObject = { use_external_resource: false, create_if_missing: false }
const config = (value: JsonObject = { name: 'x', id: 'y', kwargs: { any: [1] } }): JsonObject => ({
  client_config: {
    auth_url: 'https://cloud/v3',
    username: 'u',
    password: 'p',
    project_name: 'p',
    tenant_name: 't',
    region_name: 'r',
    user_domain_id: 'default',
    user_domain_name: 'Default',
    project_domain_id: 'default',
    project_domain_name: 'Default',
    insecure: 'True',
    ca_cert: '/etc/ca.pem',
    logging: { use_cfy_logger: false, groups: { openstack: 'debug' }, loggers: { keystoneauth: 'info' } },
    kwargs: { interface: 'public' },
  },
  resource_config: value,
})
const compact: JsonObject = { use_compact_node: true, openstack_config: {}, resource_id: '' }
const os3 = 'cloudify.nodes.openstack.'
const os2 = 'cloudify.openstack.nodes.'
const server: JsonObject = {
  ...external,
  image: '',
  flavor: '',
  use_password: false,
  use_public_ip: false,
  use_ipv6_ip: false,
  encode_user_data: true,
}
const serverInterfaces = [
  'lifecycle create configure stop delete reboot',
  'freeze suspend resume',
  snapshots,
  'validation creation',
  'operations update list',
  // Ours: the original measured nothing.
  'statistics perfomance',
]
const volumeInterfaces = ['lifecycle create start delete', snapshots, 'validation creation', 'operations list']
const managed = [...createDelete, 'validation creation', 'operations update list']

export const openstack: ListedPlugin = {
  package: 'cloudify-openstack-plugin',
  plugins: ['openstack'],
  types: [
    type(
      `${os3}Server`,
      compute,
      server,
      serverInterfaces,
      config({
        name: 'vm',
        id: 'x',
        description: 'd',
        image_id: 'i',
        flavor_id: 'f',
        availability_zone: 'nova',
        user_data: '#!/bin/sh',
        metadata: { a: 'b' },
        security_groups: [{ name: 'default' }],
        networks: [{ uuid: 'n' }],
        key_name: 'k',
        block_device_mapping_v2: [{ boot_index: '0' }],
        kwargs: {},
      }),
    ),
    type(`${os3}WindowsServer`, `${compute} ${os3}Server`, { ...server, ...windows }, serverInterfaces),
    type(
      `${os3}Volume`,
      root,
      { ...external, device_name: 'auto' },
      volumeInterfaces,
      config({ size: 1, imageRef: 'i', snapshot_id: 's', volume_type: 'ssd', availability_zone: 'nova' }),
    ),
    type(
      `${os3}Image`,
      root,
      { ...external, image_url: '' },
      ['lifecycle create start delete', 'validation creation', 'operations update list'],
      config(),
    ),
    type(
      `${os3}Network`,
      `cloudify.nodes.Network ${os3}NetworkBase`,
      external,
      managed,
      config({ admin_state_up: true }),
    ),
    type(
      `${os3}Subnet`,
      `cloudify.nodes.Network ${os3}NetworkBase`,
      external,
      managed,
      config({ cidr: '10.0.0.0/24', ip_version: 4, dns_nameservers: ['8.8.8.8'], enable_dhcp: true }),
    ),
    type(`${os3}Port`, 'cloudify.nodes.Port', { ...external, fixed_ip: '' }, managed, config({ fixed_ips: [{}] })),
    type(
      `${os3}Router`,
      'cloudify.nodes.Router',
      { ...external, external_network: '' },
      ['lifecycle create start stop delete', 'validation creation', 'operations update list'],
      config(),
    ),
    type(
      `${os3}FloatingIP`,
      'cloudify.nodes.VirtualIP',
      { ...external, allow_reallocation: false },
      managed,
      config({}),
    ),
    type(
      `${os3}SecurityGroup`,
      'cloudify.nodes.SecurityGroup',
      { ...external, security_group_rules: [], disable_default_egress_rules: false },
      ['lifecycle create configure delete', 'validation creation', 'operations update list'],
      config(),
    ),
    type(
      `${os3}SecurityGroupRule`,
      'cloudify.nodes.SecurityGroup',
      external,
      [...createDelete, 'validation creation', 'operations list'],
      config({ direction: 'ingress', protocol: 'tcp', port_range_min: 22, port_range_max: 22 }),
    ),
    type(
      `${os3}RBACPolicy`,
      root,
      external,
      [...createDelete, 'validation creation', 'operations update list find_and_delete'],
      config({ target_tenant: 't', object_type: 'network', object_id: 'n', action: 'access_as_shared' }),
    ),
    type(`${os3}ServerGroup`, root, external, [...createDelete, 'validation creation', 'operations list'], config()),
    type(`${os3}KeyPair`, root, external, [...createDelete, 'validation creation', 'operations list'], {
      ...config({ name: 'k', public_key: 'ssh-rsa' }),
      private_key: 'key',
    }),
    type(
      `${os3}HostAggregate`,
      root,
      { ...external, metadata: {}, hosts: [] },
      ['lifecycle create configure delete', 'operations update list add_hosts remove_hosts'],
      config({ name: 'h', availability_zone: 'nova' }),
    ),
    type(
      `${os3}Flavor`,
      root,
      { ...external, extra_specs: {}, tenants: [] },
      [...createDelete, 'operations update list'],
      config({ ram: 1, disk: 1, vcpus: 1 }),
    ),
    type(
      `${os3}User`,
      root,
      external,
      [...createDelete, 'operations update list'],
      config({ email: 'a@b', enabled: true }),
    ),
    type(`${os3}Group`, root, external, [...createDelete, 'operations update list'], config({ domain_id: 'd' })),
    type(`${os3}Role`, root, external, [...createDelete, 'operations update list'], config({ domain_id: 'd' })),
    type(
      `${os3}Project`,
      root,
      { ...external, groups: [], users: [], quota: {} },
      ['lifecycle create start delete', 'validation creation', 'operations update_project get_quota update_quota list'],
      config({ is_domain: false, tags: ['a'] }),
    ),
    type(`${os3}VolumeType`, root, external, createDelete, config({ extra_specs: {} })),
    type(`${os3}Zone`, root, {}, createDelete, config({ email: 'a@b', ttl: 60 })),
    type(`${os3}RecordSet`, root, {}, createDelete, config({ zone_id: 'z', records: ['10.0.0.1'] })),
    type(`${os3}SharedFileSystem`, root, {}, createDelete, config({ size: 1, share_proto: 'NFS' })),
    type(`${os3}NetworkShare`, root, {}, createDelete, config({ neutron_net_id: 'n' })),

    type(`${os2}Server`, `${compute} ${os3}Server`, { ...server, ...compact, server: {} }, serverInterfaces, {
      server: { name: 'vm' },
      openstack_config: { username: 'u', region: 'r' },
      management_network_name: 'net',
    }),
    type(
      `${os2}WindowsServer`,
      `${compute} ${os2}Server`,
      { ...server, ...compact, ...windows, use_password: true },
      serverInterfaces,
    ),
    type(
      `${os2}Volume`,
      `${os3}Volume`,
      { ...external, ...compact, volume: {}, device_name: 'auto' },
      volumeInterfaces,
      {
        volume: { size: 1 },
        boot: true,
      },
    ),
    type(`${os2}Network`, `cloudify.nodes.Network ${os3}Network`, { ...compact, network: {} }, managed),
    type(`${os2}Subnet`, `cloudify.nodes.Network ${os3}Subnet`, { ...compact, subnet: {} }, managed),
    type(`${os2}Port`, `cloudify.nodes.Port ${os3}Port`, { ...compact, port: {}, fixed_ip: '' }, managed),
    type(
      `${os2}Router`,
      `cloudify.nodes.Router ${os3}Router`,
      { ...compact, router: {}, default_to_managers_external_network: true, external_network: '' },
      ['lifecycle create start stop delete', 'validation creation', 'operations update list'],
    ),
    type(`${os2}Routes`, `${os3}Router`, { ...compact, routes: [] }, ['lifecycle create delete']),
    type(`${os2}FloatingIP`, `cloudify.nodes.VirtualIP ${os3}FloatingIP`, { ...compact, floatingip: {} }, managed),
    type(`${os2}SecurityGroup`, 'cloudify.nodes.SecurityGroup', {
      ...compact,
      security_group: {},
      rules: [],
      description: '',
      disable_default_egress_rules: false,
    }),
    type(`${os2}KeyPair`, `${os3}KeyPair`, { ...compact, keypair: {}, private_key_path: '' }),
    type(`${os2}ServerGroup`, `${os3}ServerGroup`, { ...compact, server_group: {} }, [], { policy: 'affinity' }),
    type(`${os2}HostAggregate`, `${os3}HostAggregate`, { ...compact, aggregate: {} }),
    type(`${os2}Image`, `${os3}Image`, { ...compact, image: {} }),
    type(`${os2}Flavor`, `${os3}Flavor`, { ...compact, flavor: {}, extra_specs: {}, tenants: [] }),
    type(`${os2}User`, `${os3}User`, { ...compact, user: {} }),
    type(`${os2}Project`, `${os3}Project`, { ...compact, project: {} }),
    type(`${os2}RBACPolicy`, `${os3}RBACPolicy`, { ...compact, rbac_policy: {} }),
    type('cloudify.openstack.nova_net.nodes.FloatingIP', 'cloudify.nodes.VirtualIP', { floatingip: {} }),
    type('cloudify.openstack.nova_net.nodes.SecurityGroup', 'cloudify.nodes.SecurityGroup', { rules: [] }),
  ],
  relationships: Object.fromEntries(
    [
      ...['keypair', 'server_group', 'port', 'floating_ip', 'security_group'].map(
        (end) => `server_connected_to_${end}`,
      ),
      ...['floating_ip', 'security_group', 'subnet'].map((end) => `port_connected_to_${end}`),
      'volume_attached_to_server',
      'subnet_connected_to_router',
      'route_connected_to_router',
      'rbac_policy_applied_to',
    ]
      .flatMap((name) => [`cloudify.relationships.openstack.${name}`, `cloudify.openstack.${name}`])
      .concat(
        [
          'port_connected_to_router',
          'port_connected_to_server',
          'share_connected_to_network_share',
          'share_connected_to_server',
          'share_connected_to_subnet',
          'network_share_connected_to_network',
          'network_share_connected_to_subnet',
        ].map((name) => `cloudify.relationships.openstack.${name}`),
      )
      .map((name) => [name, 'connected_to']),
  ),
  mappings: {
    [`${os3}Server freeze.suspend`]: 'openstack_plugin.resources.compute.server.suspend',
    [`${os3}Server freeze.resume`]: 'openstack_plugin.resources.compute.server.resume',
    [`${os2}Server snapshot.create`]: 'openstack_plugin.resources.compute.server.snapshot_create',
    [`${os2}Server snapshot.apply`]: 'openstack_plugin.resources.compute.server.snapshot_apply',
    [`${os3}Server snapshot.delete`]: 'openstack_plugin.resources.compute.server.snapshot_delete',
    [`${os2}Volume snapshot.create`]: 'openstack_plugin.resources.volume.volume.snapshot_create',
    [`${os3}Volume snapshot.apply`]: 'openstack_plugin.resources.volume.volume.snapshot_apply',
    [`${os3}Volume snapshot.delete`]: 'openstack_plugin.resources.volume.volume.snapshot_delete',
  },
}

// What cloudify-gcp-plugin defines, in short: written from what is known of it, not from the file under test.
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import { both, compute, root, snapshots, type, type ListedPlugin } from './originals-listed.ts'

const gc = 'cloudify.nodes.gcp.'
const account: JsonObject = { client_config: {}, gcp_config: {} }
const named: JsonObject = {
  ...account,
  use_external_resource: false,
  resource_id: '',
  name: '',
  additional_settings: {},
}
const credentials: JsonObject = {
  client_config: { auth: { type: 'service_account', project_id: 'p' }, zone: 'z', network: 'default' },
}
const gcpOthers: Readonly<Record<string, Json>> = {
  InstanceGroup: root,
  Image: root,
  KeyPair: root,
  Network: 'cloudify.nodes.Network',
  SubNetwork: 'cloudify.nodes.Subnet',
  VPCNetworkPeering: 'cloudify.nodes.Network',
  Route: 'cloudify.nodes.Router',
  FirewallRule: root,
  GlobalAddress: 'cloudify.nodes.VirtualIP',
  Address: `cloudify.nodes.VirtualIP ${gc}GlobalAddress`,
  StaticIP: `cloudify.nodes.VirtualIP ${gc}GlobalAddress`,
  HealthCheck: root,
  BackendService: root,
  RegionBackendService: root,
  UrlMap: root,
  TargetProxy: root,
  SslCertificate: root,
  DNSZone: root,
  DNSRecord: root,
  DNSAAAARecord: `${gc}DNSRecord`,
  DNSMXRecord: `${gc}DNSRecord`,
  DNSNSRecord: `${gc}DNSRecord`,
  DNSTXTRecord: `${gc}DNSRecord`,
  project: root,
  PolicyBinding: root,
  'IAM.Role': root,
  Topic: root,
  Subscription: root,
}
// Suspending, snapshots of instances and volumes, and putting them back are ours.
const instanceInterfaces = [
  'lifecycle configure start stop delete',
  'operation resize',
  'freeze suspend resume',
  snapshots,
  'statistics perfomance',
]

export const gcp: ListedPlugin = {
  package: 'cloudify-gcp-plugin',
  plugins: ['gcp_plugin'],
  types: [
    type(
      `${gc}Instance`,
      compute,
      {
        ...named,
        image_id: '',
        instance_type: 'n1-standard-1',
        zone: '',
        tags: '',
        scopes: [],
        startup_script: '',
        use_public_ip: false,
        external_ip: false,
        can_ip_forward: false,
        block_project_ssh_keys: false,
      },
      instanceInterfaces,
      { ...credentials, startup_script: { type: 'string', script: 'true' }, tags: ['a'] },
    ),
    type('cloudify.gcp.nodes.Instance', `${compute} ${gc}Instance`, {}, instanceInterfaces, {
      gcp_config: { project: 'p', zone: 'z' },
    }),
    type(
      `${gc}Volume`,
      'cloudify.nodes.Volume',
      { ...named, image: '', size: 10, boot: false },
      ['lifecycle create delete', 'operation resize', snapshots],
      credentials,
    ),
    type(`${gc}Snapshot`, root, { ...account, disk_name: '' }, [snapshots], {
      ...credentials,
      disk_name: 'd',
    }),
    type('cloudify.gcp.nodes.Snapshot', `${gc}Snapshot`, { disk_name: '' }, [snapshots]),
    type(`${gc}SecurityGroup`, 'cloudify.nodes.SecurityGroup', { ...account, name: '', rules: [] }, [
      'lifecycle create configure delete',
      'validation create',
    ]),
    type(`${gc}ExternalIP`, 'cloudify.nodes.VirtualIP', { ip_address: '' }),
    type(`${gc}ForwardingRule`, root, { ...named, scheme: 'EXTERNAL', ports: [] }, [
      'lifecycle create delete',
      'validation create',
    ]),
    type(`${gc}KubernetesCluster`, root, named, ['lifecycle create start stop delete']),
    ...Object.entries(gcpOthers).flatMap(([name, parents]) => [
      type(`${gc}${name}`, String(parents), account),
      type(`cloudify.gcp.nodes.${name}`, `${gc}${name}`, account),
    ]),
  ],
  relationships: {
    ...both('cloudify.relationships.gcp.', 'cloudify.gcp.relationships.', 'connected_to', [
      'instance_connected_to_disk',
      'instance_connected_to_security_group',
      'instance_connected_to_ip',
      'instance_connected_to_keypair',
      'instance_connected_to_instance_group',
      'uses_as_backend',
      'uses_as_region_backend',
      'dns_record_connected_to_instance',
      'dns_record_connected_to_ip',
      'forwarding_rule_connected_to_target_proxy',
    ]),
    ...both('cloudify.relationships.gcp.', 'cloudify.gcp.relationships.', 'contained_in', [
      'contained_in_compute',
      'contained_in_network',
      'instance_contained_in_network',
      'dns_record_contained_in_zone',
    ]),
  },
  mappings: {
    [`${gc}Snapshot snapshot.create`]: 'cloudify_gcp.compute.snapshot.create',
    'cloudify.gcp.nodes.Snapshot snapshot.delete': 'cloudify_gcp.compute.snapshot.delete',
    [`${gc}Instance lifecycle.configure`]: 'cloudify_gcp.compute.instance.create',
    [`${gc}Volume lifecycle.create`]: 'cloudify_gcp.compute.disk.create',
  },
}

// What cloudify-vsphere-plugin defines, in short: written from what is known of it, not from the file under test.
import type { JsonObject } from '../../../src/kernel/json.ts'
import { both, compute, createDelete, root, snapshots, type, windows, type ListedPlugin } from './originals-listed.ts'

const vs = 'cloudify.nodes.vsphere.'
const vsOlder = 'cloudify.vsphere.nodes.'
const connection: JsonObject = {
  connection_config: {
    host: 'vcenter',
    port: '443',
    username: 'u',
    password: 'p',
    datacenter_name: 'dc',
    resource_pool_name: 'Resources',
    auto_placement: true,
    allow_insecure: true,
    certificate_path: '/etc/ca.pem',
    certificate_data: 'PEM',
  },
}
const machine: JsonObject = {
  use_external_resource: false,
  cdrom_image: false,
  extra_config: {},
  wait_ip: false,
  vm_folder: false,
  force_stop: false,
  force_delete: false,
  enable_start_vm: true,
  postpone_delete_networks: false,
  minimal_vm_version: 13,
}
const machineInterfaces = [
  'lifecycle create start poststart stop shutdown_guest delete check_drift update',
  'freeze suspend resume fs_prepare fs_finalize',
  snapshots,
  // Ours: the original measured nothing.
  'statistics perfomance',
  'host get_state',
  'modify resize',
  'power on off reset reboot shut_down',
]
const found: JsonObject = { use_external_resource: true }
const controller = ['lifecycle create delete']
const device = ['lifecycle precreate postdelete']

export const vsphere: ListedPlugin = {
  package: 'cloudify-vsphere-plugin',
  plugins: ['vsphere'],
  types: [
    type(`${vs}Server`, compute, machine, machineInterfaces, {
      ...connection,
      server: { name: 'vm', template: 't', clone_vm: 'c', cpus: 1, memory: 512, disk_size: 8, add_scale_suffix: false },
      networking: { domain: 'd', dns_servers: ['8.8.8.8'], connect_networks: [{ name: 'n', management: true }] },
      allowed_hosts: ['a'],
      allowed_clusters: ['a'],
      allowed_datastores: ['a'],
      custom_attributes: { a: 'b' },
      boot_order: ['cdrom'],
      disk_keys: [],
      ethernet_keys: [],
    }),
    type(`${vsOlder}Server`, `${compute} ${vs}Server`, machine, machineInterfaces, { use_existing_resource: true }),
    type(
      `${vs}WindowsServer`,
      `${compute} ${vs}Server ${vsOlder}Server`,
      { ...machine, ...windows, windows_timezone: 90, windows_organization: 'Organization' },
      machineInterfaces,
      { windows_password: 'p', custom_sysprep: '<xml/>' },
    ),
    type(`${vsOlder}WindowsServer`, `${compute} ${vs}WindowsServer`, windows, machineInterfaces),
    type(
      `${vs}Storage`,
      'cloudify.nodes.Volume',
      { use_external_resource: false, storage: {} },
      ['lifecycle create delete check_drift update', 'modify resize'],
      {
        ...connection,
        storage: { name: 'd', storage_size: 1, parent_key: -1, mode: 'persistent', thin_provision: false },
      },
    ),
    type(`${vs}Network`, 'cloudify.nodes.Network', { use_external_resource: false }, createDelete, {
      ...connection,
      network: { name: 'n', vlan_id: 1, vswitch_name: 'v', switch_distributed: false },
    }),
    type(`${vs}IPPool`, 'cloudify.nodes.Subnet', {}, ['lifecycle create poststart delete check_drift'], {
      ...connection,
      datacenter_name: 'dc',
      ippool: { name: 'p' },
    }),
    type(
      `${vs}CloudInitISO`,
      'cloudify.nodes.Volume',
      { volume_prefix: 'cloudinit', vol_ident: 'cidata', sys_ident: '', files: {}, raw_files: {} },
      createDelete,
      { ...connection, allowed_datastores: ['a'], allowed_datastore_ids: ['b'] },
    ),
    type(`${vs}ISO`, 'cloudify.nodes.Volume', { volume_prefix: 'cloudinit', force_delete: false }, createDelete, {
      ...connection,
      iso_file_path: 'a.iso',
    }),
    ...['Datacenter', 'Datastore', 'Cluster', 'VMFolder', 'Host'].map((name) =>
      type(`${vs}${name}`, root, found, createDelete, { ...connection, name: 'x' }),
    ),
    type(
      `${vs}ResourcePool`,
      root,
      { use_external_resource: false, host_name: '', cluster_name: '', pool_spec: {} },
      ['lifecycle create poststart delete check_drift', 'operations update'],
      { ...connection, name: 'p' },
    ),
    type(
      `${vs}ContentLibraryDeployment`,
      root,
      { library_name: '', template_name: '', target: {}, deployment_spec: {} },
      createDelete,
      connection,
    ),
    type(
      `${vs}OvfDeployment`,
      root,
      { target: {}, ovf_name: '', ovf_source: '', disk_provisioning: 'thin', extra_config: {} },
      createDelete,
      { ...connection, datastore_name: 'd', network_mappings: [{ a: 'b' }], memory: 512, cpus: 1, disk_size: 8 },
    ),
    type(
      `${vs}NIC`,
      root,
      {
        switch_distributed: false,
        adapter_type: 'Vmxnet3',
        start_connected: true,
        allow_guest_control: true,
        network_connected: true,
        wake_on_lan_enabled: true,
        address_type: 'assigned',
        mac_address: '',
        network_configuration: {},
      },
      controller,
      { ...connection, name: 'eth0' },
    ),
    type(
      `${vs}SCSIController`,
      root,
      {
        busNumber: 0,
        label: 'SCSIController',
        adapterType: 'paravirtual',
        hotAddRemove: true,
        sharedBus: 'noSharing',
        scsiCtlrUnitNumber: -1,
      },
      controller,
      connection,
    ),
    type(`${vs}PCIDevice`, root, { turn_off_vm: false }, device, { device_name: 'd' }),
    type(`${vs}USBDevice`, root, { controller_type: 'usb3' }, device, { device_name: 'd' }),
    type(`${vs}SerialPort`, root, { turn_off_vm: false }, device, { device_name: 'd' }),
    ...['Storage', 'Network', 'IPPool', 'CloudInitISO', 'ISO', 'Datacenter', 'Datastore', 'Cluster', 'VMFolder']
      .concat('Host', 'ResourcePool', 'ContentLibraryDeployment', 'NIC', 'SCSIController')
      .map((name) => type(`${vsOlder}${name}`, `${vs}${name}`, {})),
  ],
  relationships: {
    ...both('cloudify.relationships.vsphere.', 'cloudify.vsphere.', 'connected_to', [
      'storage_connected_to_server',
      'port_connected_to_network',
      'port_connected_to_server',
    ]),
    ...both('cloudify.relationships.vsphere.', 'cloudify.vsphere.', 'contained_in', [
      'nic_connected_to_server',
      'controller_connected_to_vm',
    ]),
    'cloudify.relationships.vsphere.nic_connected_to_network': 'contained_in',
    'cloudify.relationships.vsphere.server_connected_to_nic': 'contained_in',
    'cloudify.relationships.vsphere.resource_pool_contained_in': 'contained_in',
    'cloudify.relationships.vsphere.usb_connected_to_server': 'contained_in',
    'cloudify.relationships.vsphere.serial_connected_to_server': 'contained_in',
    'cloudify.relationships.vsphere.pci_connected_to_server': 'contained_in',
    'cloudify.relationships.vsphere.ippool_connected_to_network': 'depends_on',
  },
  mappings: {
    [`${vs}Server freeze.suspend`]: 'vsphere_server_plugin.server.freeze_suspend',
    [`${vs}Server freeze.resume`]: 'vsphere_server_plugin.server.freeze_resume',
    [`${vsOlder}Server snapshot.create`]: 'vsphere_server_plugin.server.snapshot_create',
    [`${vsOlder}Server snapshot.apply`]: 'vsphere_server_plugin.server.snapshot_apply',
    [`${vs}WindowsServer snapshot.delete`]: 'vsphere_server_plugin.server.snapshot_delete',
  },
}

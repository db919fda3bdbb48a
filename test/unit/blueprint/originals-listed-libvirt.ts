// What cloudify-libvirt-plugin defines, in short: written from what is known of it, not from the file under test.
import type { JsonObject } from '../../../src/kernel/json.ts'
import { compute, snapshots, type, type ListedPlugin } from './originals-listed.ts'

const lv = 'cloudify.libvirt.'
const object: JsonObject = {
  libvirt_auth: 'qemu:///system',
  backup_dir: './',
  use_external_resource: false,
  resource_id: '',
}
const domain: JsonObject = {
  name: '',
  disks: [],
  networks: [],
  devices: [],
  domain_type: 'qemu',
  wait_for_ip: true,
  full_dump: false,
}

export const libvirt: ListedPlugin = {
  package: 'cloudify-libvirt-plugin',
  plugins: ['libvirt'],
  types: [
    type(
      `${lv}domain`,
      compute,
      { ...object, params: domain },
      [
        'lifecycle create configure start reboot update stop delete',
        // The original leaves freezing to scripts.
        'freeze suspend resume fs_prepare fs_finalize',
        snapshots,
        'statistics perfomance',
      ],
      {
        params: {
          name: 'vm',
          vcpu: 2,
          memory_size: 524288,
          memory_maxsize: 1048576,
          nvram: '/n',
          disks: [{ dev: 'vda' }],
        },
      },
    ),
    type(
      `${lv}network`,
      'cloudify.nodes.Network',
      { ...object, params: { name: '', dev: '', forwards: [], ips: [] } },
      ['lifecycle create delete', snapshots],
      { params: { dev: 'virbr1', forwards: [{ mode: 'nat' }], ips: [{ address: '10.0.0.1', netmask: '255.0.0.0' }] } },
    ),
    type(
      `${lv}pool`,
      'cloudify.nodes.Tier',
      { ...object, params: { name: '', path: '' } },
      ['lifecycle create configure start stop delete', snapshots],
      { params: { capacity: 10 } },
    ),
    type(
      `${lv}volume`,
      'cloudify.nodes.Tier',
      { ...object, params: { name: '', path: '', allocation: 0, url: '', zero_wipe: false } },
      ['lifecycle create start stop delete', snapshots],
      { params: { pool: 'p', capacity: 1, allocation: 100, url: 'http://a/b', zero_wipe: true } },
    ),
    type(`${lv}ISO9660`, 'cloudify.nodes.Tier', object, ['lifecycle create'], {
      params: { volume: 'v', pool: 'p', files: { 'meta-data': 'a' } },
    }),
  ],
  relationships: { 'cloudify.libvirt.relationships.connected_to': 'connected_to' },
  mappings: {
    [`${lv}domain freeze.suspend`]: 'cloudify_libvirt.domain_tasks.suspend',
    [`${lv}domain freeze.resume`]: 'cloudify_libvirt.domain_tasks.resume',
    [`${lv}domain snapshot.create`]: 'cloudify_libvirt.domain_tasks.snapshot_create',
    [`${lv}domain statistics.perfomance`]: 'cloudify_libvirt.domain_tasks.perfomance',
    [`${lv}network snapshot.apply`]: 'cloudify_libvirt.network_tasks.snapshot_apply',
    [`${lv}pool snapshot.delete`]: 'cloudify_libvirt.pool_tasks.snapshot_delete',
    [`${lv}volume snapshot.create`]: 'cloudify_libvirt.volume_tasks.snapshot_create',
  },
}

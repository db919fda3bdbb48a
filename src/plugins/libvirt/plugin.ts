// The plugin `libvirt`: domains, networks, storage pools and volumes of hypervisors, under the names that
// cloudify-libvirt-plugin gave its operations. Its node types come along with those of the other originals, in
// src/blueprint/bundled/libvirt-plugin.yaml.
import { definePlugin } from '../contract/plugin.ts'
import { closeSharedHypervisors } from './client/shared-hypervisors.ts'
import { configure, create } from './domain/create.ts'
import { domainSnapshotApply, domainSnapshotCreate, domainSnapshotDelete } from './domain/snapshot-operations.ts'
import { reboot, start } from './domain/start.ts'
import { performance } from './domain/statistics.ts'
import { remove, stop } from './domain/stop.ts'
import { resume, suspend } from './domain/suspend.ts'
import { update } from './domain/update.ts'
import { fsPrepare } from './freeze/freeze.ts'
import { fsFinalize } from './freeze/thaw.ts'
import { isoCreate, isoDelete } from './iso/operations.ts'
import { link, unlink } from './network/link.ts'
import * as network from './network/operations.ts'
import * as pool from './pool/operations.ts'
import * as volume from './volume/operations.ts'
import { volumeSnapshotApply, volumeSnapshotCreate, volumeSnapshotDelete } from './volume/snapshot-operations.ts'

export default definePlugin({
  name: 'libvirt',
  operations: {
    'cloudify_libvirt.domain_tasks.create': create,
    'cloudify_libvirt.domain_tasks.configure': configure,
    'cloudify_libvirt.domain_tasks.start': start,
    'cloudify_libvirt.domain_tasks.reboot': reboot,
    'cloudify_libvirt.domain_tasks.update': update,
    'cloudify_libvirt.domain_tasks.stop': stop,
    'cloudify_libvirt.domain_tasks.delete': remove,
    'cloudify_libvirt.domain_tasks.suspend': suspend,
    'cloudify_libvirt.domain_tasks.resume': resume,
    'cloudify_libvirt.domain_tasks.fs_prepare': fsPrepare,
    'cloudify_libvirt.domain_tasks.fs_finalize': fsFinalize,
    'cloudify_libvirt.domain_tasks.snapshot_create': domainSnapshotCreate,
    'cloudify_libvirt.domain_tasks.snapshot_apply': domainSnapshotApply,
    'cloudify_libvirt.domain_tasks.snapshot_delete': domainSnapshotDelete,
    'cloudify_libvirt.domain_tasks.perfomance': performance,
    'cloudify_libvirt.network_tasks.create': network.networkCreate,
    'cloudify_libvirt.network_tasks.delete': network.networkDelete,
    'cloudify_libvirt.network_tasks.link': link,
    'cloudify_libvirt.network_tasks.unlink': unlink,
    'cloudify_libvirt.network_tasks.snapshot_create': network.networkSnapshotCreate,
    'cloudify_libvirt.network_tasks.snapshot_apply': network.networkSnapshotApply,
    'cloudify_libvirt.network_tasks.snapshot_delete': network.networkSnapshotDelete,
    'cloudify_libvirt.pool_tasks.create': pool.poolCreate,
    'cloudify_libvirt.pool_tasks.configure': pool.poolConfigure,
    'cloudify_libvirt.pool_tasks.start': pool.poolStart,
    'cloudify_libvirt.pool_tasks.stop': pool.poolStop,
    'cloudify_libvirt.pool_tasks.delete': pool.poolDelete,
    'cloudify_libvirt.pool_tasks.snapshot_create': pool.poolSnapshotCreate,
    'cloudify_libvirt.pool_tasks.snapshot_apply': pool.poolSnapshotApply,
    'cloudify_libvirt.pool_tasks.snapshot_delete': pool.poolSnapshotDelete,
    'cloudify_libvirt.iso9660_tasks.create': isoCreate,
    'cloudify_libvirt.iso9660_tasks.delete': isoDelete,
    'cloudify_libvirt.volume_tasks.create': volume.volumeCreate,
    'cloudify_libvirt.volume_tasks.start': volume.volumeStart,
    'cloudify_libvirt.volume_tasks.stop': volume.volumeStop,
    'cloudify_libvirt.volume_tasks.delete': volume.volumeDelete,
    'cloudify_libvirt.volume_tasks.snapshot_create': volumeSnapshotCreate,
    'cloudify_libvirt.volume_tasks.snapshot_apply': volumeSnapshotApply,
    'cloudify_libvirt.volume_tasks.snapshot_delete': volumeSnapshotDelete,
  },
  close: closeSharedHypervisors,
})

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
  },
  close: closeSharedHypervisors,
})

// The operations of a machine's node under the names of the original.
import { fsPrepare } from '../freeze/freeze.ts'
import { fsFinalize } from '../freeze/thaw.ts'
import { create, poststart, remove, shutdownGuest, start, stop } from './lifecycle.ts'
import { getState, powerOff, powerOn, reboot, reset, shutDown } from './power-operations.ts'
import { resize } from './resize.ts'
import { snapshotApply, snapshotCreate, snapshotDelete } from './snapshot-operations.ts'
import { performance } from './statistics.ts'
import { resume, suspend } from './suspend.ts'

export const machineOperations = {
  'vsphere_server_plugin.server.create': create,
  'vsphere_server_plugin.server.start': start,
  'vsphere_server_plugin.server.poststart': poststart,
  'vsphere_server_plugin.server.stop': stop,
  'vsphere_server_plugin.server.shutdown_guest': shutdownGuest,
  'vsphere_server_plugin.server.delete': remove,
  'vsphere_server_plugin.server.freeze_suspend': suspend,
  'vsphere_server_plugin.server.freeze_resume': resume,
  'vsphere_server_plugin.server.fs_prepare': fsPrepare,
  'vsphere_server_plugin.server.fs_finalize': fsFinalize,
  'vsphere_server_plugin.server.snapshot_create': snapshotCreate,
  'vsphere_server_plugin.server.snapshot_apply': snapshotApply,
  'vsphere_server_plugin.server.snapshot_delete': snapshotDelete,
  'vsphere_server_plugin.server.get_state': getState,
  'vsphere_server_plugin.server.resize_server': resize,
  'vsphere_server_plugin.server.perfomance': performance,
  'vsphere_server_plugin.power.power_on': powerOn,
  'vsphere_server_plugin.power.power_off': powerOff,
  'vsphere_server_plugin.power.reset': reset,
  'vsphere_server_plugin.power.reboot': reboot,
  'vsphere_server_plugin.power.shut_down': shutDown,
} as const

// What the plugin offers. The keys are what stands in plugin.yaml behind the plugin's name.
import { definePlugin } from 'fermata'
import { freeze, thaw } from './freeze.ts'
import { create, remove, resume, statistics, suspend } from './lifecycle.ts'
import { snapshotApply, snapshotCreate, snapshotDelete } from './snapshots.ts'

export default definePlugin({
  name: 'example',
  types: new URL('./plugin.yaml', import.meta.url),
  operations: {
    'box.create': create,
    'box.delete': remove,
    'box.freeze': freeze,
    'box.thaw': thaw,
    'box.suspend': suspend,
    'box.resume': resume,
    'box.snapshot_create': snapshotCreate,
    'box.snapshot_apply': snapshotApply,
    'box.snapshot_delete': snapshotDelete,
    'box.statistics': statistics,
  },
})

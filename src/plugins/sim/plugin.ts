// A cloud without a cloud: machines and services that exist only here, for simulations, demonstrations and tests.
import { definePlugin } from '../contract/plugin.ts'
import { simFreeze, simThaw } from './operations/freeze.ts'
import { simCreate, simDelete, simResume, simStart, simStop, simSuspend, simWork } from './operations/power.ts'
import { simSnapshotApply, simSnapshotCreate, simSnapshotDelete, simSnapshotWhole } from './operations/snapshot.ts'
import { simStatistics } from './operations/statistics.ts'

export default definePlugin({
  name: 'sim',
  types: new URL('./plugin.yaml', import.meta.url),
  operations: {
    freeze: simFreeze,
    thaw: simThaw,
    snapshot_create: simSnapshotCreate,
    snapshot_whole: simSnapshotWhole,
    snapshot_apply: simSnapshotApply,
    snapshot_delete: simSnapshotDelete,
    create: simCreate,
    start: simStart,
    stop: simStop,
    delete: simDelete,
    suspend: simSuspend,
    resume: simResume,
    statistics: simStatistics,
    work: simWork,
  },
})

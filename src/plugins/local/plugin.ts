// The local plugin: the machine at hand, processes and directories on it. Linux only, because it reads /proc.
import { definePlugin } from '../contract/plugin.ts'
import { directoryCreate } from './operations/directory-create.ts'
import { directoryDelete } from './operations/directory-delete.ts'
import { directorySnapshotApply } from './operations/directory-snapshot-apply.ts'
import { directorySnapshotCreate } from './operations/directory-snapshot-create.ts'
import { directorySnapshotDelete } from './operations/directory-snapshot-delete.ts'
import { directoryStatistics } from './operations/directory-statistics.ts'
import { hostStatistics } from './operations/host-statistics.ts'
import { processCreate } from './operations/process-create.ts'
import { processDelete } from './operations/process-delete.ts'
import { processFreeze } from './operations/process-freeze.ts'
import { processResume } from './operations/process-resume.ts'
import { processStart } from './operations/process-start.ts'
import { processStatistics } from './operations/process-statistics.ts'
import { processStop } from './operations/process-stop.ts'
import { processSuspend } from './operations/process-suspend.ts'
import { processThaw } from './operations/process-thaw.ts'

export default definePlugin({
  name: 'local',
  types: new URL('./plugin.yaml', import.meta.url),
  operations: {
    'host.statistics': hostStatistics,
    'process.create': processCreate,
    'process.start': processStart,
    'process.stop': processStop,
    'process.delete': processDelete,
    'process.freeze': processFreeze,
    'process.thaw': processThaw,
    'process.suspend': processSuspend,
    'process.resume': processResume,
    'process.statistics': processStatistics,
    'directory.create': directoryCreate,
    'directory.delete': directoryDelete,
    'directory.snapshot_create': directorySnapshotCreate,
    'directory.snapshot_apply': directorySnapshotApply,
    'directory.snapshot_delete': directorySnapshotDelete,
    'directory.statistics': directoryStatistics,
  },
})

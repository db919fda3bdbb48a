// A program for a-restore-survives-kill.test.ts: applies a snapshot and kills itself at the log line it is told.
import { directorySnapshotApply } from '../../../../src/plugins/local/operations/directory-snapshot-apply.ts'
import { operationContext } from '../../../support/operation-context.ts'

const { stateDirectory, killAt, inDoubt } = JSON.parse(process.argv[2] ?? '{}')
const ctx = operationContext({
  stateDirectory,
  node: { id: 'data', properties: { path: 'data' } },
  operation: { key: 'restore/first', inDoubt },
  onLog: ({ text }) => {
    if (text === killAt) process.kill(process.pid, 'SIGKILL')
  },
})
await ctx.cleanUp()
await directorySnapshotApply.run(ctx, { snapshot_name: 'first' })

// A program for the tests of snapshots under kill -9: settles or applies one and kills itself at the log line it is told.
import { directorySnapshotApply } from '../../../../src/plugins/local/operations/directory-snapshot-apply.ts'
import { directorySnapshotCreate } from '../../../../src/plugins/local/operations/directory-snapshot-create.ts'
import { operationContext } from '../../../support/operation-context.ts'

const { stateDirectory, killAt, key, inDoubt, receipt } = JSON.parse(process.argv[2] ?? '{}')
const ctx = operationContext({
  stateDirectory,
  node: { id: 'data', properties: { path: 'data' } },
  operation: { key, inDoubt },
  onLog: ({ text }) => {
    if (text === killAt) process.kill(process.pid, 'SIGKILL')
  },
})
await ctx.cleanUp()
const inputs = { snapshot_name: 'first' }
if (receipt === undefined) await directorySnapshotApply.run(ctx, inputs)
else process.stdout.write(JSON.stringify(await directorySnapshotCreate.settle(ctx, receipt, inputs)))

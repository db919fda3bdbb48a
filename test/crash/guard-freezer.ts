// A program for guard-*.test.ts: freezes the process it is told about as the engine does, says so, and never thaws it.
import { processFreeze } from '../../src/plugins/local/operations/process-freeze.ts'
import { operationContext } from '../support/operation-context.ts'
import { processDeadman } from '../../src/plugins/local/deadman.ts'

const { stateDirectory, properties, runtimeProperties, instanceId, lease, token } = JSON.parse(process.argv[2] ?? '{}')
const ctx = operationContext({
  stateDirectory,
  node: { id: 'writer', properties },
  instance: { id: instanceId, runtimeProperties },
})
await ctx.cleanUp()
const begun = Date.now()
const handle = await processDeadman.arm(ctx, { token, lease })
await processFreeze.freeze(ctx, {})
process.stdout.write(`${JSON.stringify({ handle, begun })}\n`)
setInterval(() => undefined, 60_000)

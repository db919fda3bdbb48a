// A process of its own that arms a deadman over SSH for commands of fabric, says its handle, and then waits to be killed.
import type { JsonObject } from '../../src/kernel/json.ts'
import type { RunOperation } from '../../src/plugins/contract/operation.ts'
import fabric from '../../src/plugins/fabric/plugin.ts'
import { operationContext } from '../../src/testing/operation-context.ts'

const { stateDirectory, lease, maximum, inputs } = JSON.parse(process.argv[2] ?? '') as {
  stateDirectory: string
  lease: number
  maximum: number
  inputs: JsonObject
}
const operation = 'fabric_plugin.tasks.run_commands'
const { deadman } = fabric.operations[operation] as RunOperation
const ctx = operationContext({ stateDirectory, operation: { name: 'cloudify.interfaces.freeze.fs_prepare' } })
const finalize = { plugin: 'fabric', operation, inputs }
const handle = await deadman?.arm(ctx, { token: 'armer', lease, maximum, finalize })
process.stdout.write(`${JSON.stringify(handle)}\n`)
setInterval(() => {}, 1000)

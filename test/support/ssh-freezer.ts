// A process of its own that freezes a file system on each of some hosts, says so, and then waits to be killed.
import type { JsonObject } from '../../src/kernel/json.ts'
import plugin from '../../src/plugins/ssh/plugin.ts'
import type { FreezeOperation, RunOperation } from '../../src/plugins/contract/operation.ts'
import { operationContext } from '../../src/testing/operation-context.ts'

const { lease, hosts } = JSON.parse(process.argv[2] ?? '') as { lease: number; hosts: readonly JsonObject[] }
const freeze = plugin.operations['freeze'] as FreezeOperation
const run = plugin.operations['run'] as RunOperation
const contexts = hosts.map((properties, index) =>
  operationContext({
    node: { id: `host${index}`, type: 'fermata.nodes.ssh.Host', properties },
    operation: { name: 'cloudify.interfaces.freeze.fs_prepare' },
  }),
)
// The lease is for the freeze alone, not for the way to the host.
await Promise.all(contexts.map((ctx) => run.run(ctx, { command: 'true' })))
const handles = await Promise.all(
  contexts.map(async (ctx) => {
    const handle = await freeze.deadman?.arm(ctx, { token: 'freezer', lease })
    await freeze.freeze(ctx, {})
    return handle
  }),
)
process.stdout.write(`${JSON.stringify(handles)}\n`)
setInterval(() => {}, 1000)

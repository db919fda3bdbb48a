// A process of its own that freezes the guests of some machines, says so, and then waits to be killed.
import type { JsonObject } from '../../src/kernel/json.ts'
import type { FreezeOperation } from '../../src/plugins/contract/operation.ts'
import plugin from '../../src/plugins/vsphere/plugin.ts'
import { operationContext } from '../../src/testing/operation-context.ts'

interface Given {
  readonly lease: number
  readonly properties: JsonObject
  /** Ids of the machines. */
  readonly machines: readonly string[]
}

const { lease, properties, machines } = JSON.parse(process.argv[2] ?? '') as Given
const freeze = plugin.operations['vsphere_server_plugin.server.fs_prepare'] as FreezeOperation
const handles = await Promise.all(
  machines.map(async (id) => {
    const ctx = operationContext({
      node: { id, type: 'cloudify.nodes.vsphere.Server', properties },
      instance: { id: `${id}_x1y2z3`, runtimeProperties: { vsphere_server_id: id, use_external_resource: true } },
      operation: { name: 'cloudify.interfaces.freeze.fs_prepare' },
      bracket: { name: 'backup#1', purpose: 'save' },
    })
    const handle = await freeze.deadman?.arm(ctx, { token: 'freezer', lease })
    await freeze.freeze(ctx, {})
    return handle
  }),
)
process.stdout.write(`${JSON.stringify(handles)}\n`)
setInterval(() => {}, 1000)

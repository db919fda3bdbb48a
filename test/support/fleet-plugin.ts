// Hosts that are not there: a plugin whose fleet operations do what a test says.
import { definePlugin } from '../../src/plugins/contract/plugin.ts'
import { operation } from '../../src/plugins/contract/operation.ts'
import type { OperationContext } from '../../src/plugins/contract/context.ts'
import type { CommandOutcome, InventoryHost } from '../../src/plugins/contract/fleet.ts'
import type { Plugin } from '../../src/plugins/contract/plugin.ts'
import type { Json } from '../../src/kernel/json.ts'

export interface FleetPluginOptions {
  /** Throws, or gives what the command printed. `host` counts from 1. */
  run(host: number, ctx: OperationContext, inputs: Readonly<Record<string, Json>>): Promise<string>
  reboot?(host: number): Promise<void>
  hosts?(query: string): readonly InventoryHost[]
}

export function fleetPlugin(options: FleetPluginOptions): Plugin {
  const { hosts } = options
  return definePlugin({
    name: 'hosts',
    operations: {
      run: operation({
        async run(ctx, inputs): Promise<CommandOutcome> {
          const stdout = await options.run(ctx.instance.index, ctx, inputs)
          return { exit_code: 0, stdout, stderr: '', stdout_bytes: stdout.length, stderr_bytes: 0 }
        },
      }),
      reboot: operation({
        async run(ctx) {
          await options.reboot?.(ctx.instance.index)
          return { boot_id: ctx.world.newId() }
        },
      }),
    },
    ...(hosts ? { inventory: { hosts: async (query) => hosts(query) } } : {}),
  })
}

/** A blueprint with so many of them. */
export const fleetBlueprint = (count: number): string => `tosca_definitions_version: cloudify_dsl_1_4
plugins:
  hosts: {executor: central_deployment_agent, install: false}
node_types:
  cloudify.nodes.Root: {}
  cloudify.nodes.Compute: {derived_from: cloudify.nodes.Root}
  test.Host:
    derived_from: cloudify.nodes.Compute
    interfaces:
      fermata.interfaces.fleet: {run: hosts.run, reboot: hosts.reboot}
node_templates:
  host:
    type: test.Host
    capabilities: {scalable: {properties: {default_instances: ${count}}}}
`

// fabric_plugin.tasks.run_commands: commands on a host, one after the other.
import { asFault } from '../../../kernel/fault.ts'
import type { Json } from '../../../kernel/json.ts'
import { operation } from '../../contract/operation.ts'
import { underGuest } from '../../ssh/deadman/guest-deadman.ts'
import { hostOf } from '../../ssh/host/host-of.ts'
import { runCommand } from '../../ssh/host/run-command.ts'
import { withHost } from '../../ssh/host/shared-connections.ts'
import { hostFromFabric, type FabricInputs } from '../fabric-env.ts'
import { CommandsInputs, commandsOf } from '../inputs.ts'
import { fabricDeadman } from '../thaw.ts'

export const runCommands = operation({
  inputs: CommandsInputs,
  deadman: fabricDeadman,
  async run(ctx, inputs): Promise<Json> {
    const settings = await hostOf(ctx, hostFromFabric(inputs as FabricInputs))
    const work = (env: Readonly<Record<string, string>>) =>
      withHost(settings, ctx, async (connection) => {
        const outputs: string[] = []
        for (const command of commandsOf(inputs)) {
          try {
            const { stdout } = await runCommand(ctx, connection, settings, command, { env })
            outputs.push(stdout.trimEnd())
          } catch (thrown) {
            const problem = asFault(thrown)
            if (inputs.continue_on_error !== true || problem.code !== 'ssh.command_failed') throw problem
            ctx.log.warning(problem.message)
            outputs.push('')
          }
        }
        return outputs
      })
    return (await underGuest(ctx, settings, work)) ?? null
  },
})

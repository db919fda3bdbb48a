// fabric_plugin.tasks.run_script: a script of the blueprint on a host. It is there only as long as it runs.
import { readFile } from 'node:fs/promises'
import type { Json } from '../../../kernel/json.ts'
import { operation } from '../../contract/operation.ts'
import { quoteCommand, quoteWord } from '../../ssh/client/quote.ts'
import { underGuest } from '../../ssh/deadman/guest-deadman.ts'
import { hostOf } from '../../ssh/host/host-of.ts'
import { runCommand } from '../../ssh/host/run-command.ts'
import { withHost } from '../../ssh/host/shared-connections.ts'
import { hostFromFabric, type FabricInputs } from '../fabric-env.ts'
import { ScriptInputs } from '../inputs.ts'
import { fabricDeadman, interpreterOf } from '../thaw.ts'

export const runScript = operation({
  inputs: ScriptInputs,
  deadman: fabricDeadman,
  async run(ctx, inputs): Promise<Json> {
    const settings = await hostOf(ctx, hostFromFabric(inputs as FabricInputs))
    const content = await readFile(await ctx.blueprintFile(inputs.script_path))
    const { env = {}, cwd, args = [], command_prefix: prefix } = inputs.process ?? {}
    const interpreter = quoteCommand(interpreterOf(content))
    const words = `${prefix === undefined ? '' : `${prefix} `}${interpreter} "$folder/script" ${quoteCommand(args.map(String))}`
    // In memory where there is some, and gone with the shell that runs it.
    const command = `umask 077
folder=$(mktemp -d /dev/shm/fermata-script.XXXXXX 2>/dev/null || mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$folder/script" || exit 1
${cwd === undefined ? '' : `cd ${quoteWord(cwd)} || exit 1`}
${words} </dev/null`
    const work = (mark: Readonly<Record<string, string>>) =>
      withHost(settings, ctx, (connection) =>
        runCommand(ctx, connection, settings, command, {
          stdin: content,
          env: {
            ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
            ...mark,
          },
        }),
      )
    const end = await underGuest(ctx, settings, work)
    return end?.stdout.trimEnd() ?? null
  },
})

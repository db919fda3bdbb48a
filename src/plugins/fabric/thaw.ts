// The deadman of nodes that fabric operations freeze: it runs the node's own fs_finalize on the host.
import { readFile } from 'node:fs/promises'
import type { OperationContext } from '../contract/context.ts'
import type { DeadmanFinalize } from '../contract/deadman.ts'
import { quoteCommand, quoteWord } from '../ssh/client/quote.ts'
import { guestDeadman, type Thaw } from '../ssh/deadman/guest-deadman.ts'
import { hostOf } from '../ssh/host/host-of.ts'
import { hostFromFabric } from './fabric-env.ts'
import { commandsOf, type GivenCommands, type GivenScript } from './inputs.ts'

export const fabricDeadman = guestDeadman({
  thawOf,
  settingsOf: (ctx, finalize) => hostOf(ctx, hostFromFabric(finalize?.inputs ?? {})),
})

async function thawOf(ctx: OperationContext, finalize: DeadmanFinalize | undefined): Promise<Thaw | string> {
  if (!finalize) return 'the node has no fs_finalize'
  const { plugin, operation, inputs } = finalize
  if (!/(?:^|--)fabric$/.test(plugin))
    return `its fs_finalize is ${plugin}.${operation}, which fabric cannot leave on the host`
  const settings = await hostOf(ctx, hostFromFabric(inputs))
  if (operation.endsWith('run_commands')) {
    const lines = commandsOf(inputs as GivenCommands).map((command) => `sh -c ${quoteWord(command)} || code=$?`)
    return { settings, script: ['code=0', ...lines, 'exit $code', ''].join('\n') }
  }
  const { script_path: path, process = {} } = inputs as GivenScript
  const content = await readFile(await ctx.blueprintFile(path))
  const exports = Object.entries(process.env ?? {}).map(
    ([name, value]) => `export ${name}=${quoteWord(String(value))} || exit`,
  )
  const words = process.command_prefix ? ['/bin/sh', '-c', `${process.command_prefix} "$@"`, 'sh'] : []
  const run = quoteCommand([...words, ...interpreterOf(content), './own-script', ...(process.args ?? []).map(String)])
  // The folder of memory may forbid programs in it, so the interpreter is named.
  return { settings, script: [...exports, run, ''].join('\n'), files: { 'own-script': content } }
}

/** The words of its first line; a shell without one. */
export function interpreterOf(content: Uint8Array): readonly string[] {
  const line = /^#!\s*([^\n]+)/.exec(Buffer.from(content.subarray(0, 512)).toString('latin1'))?.[1]
  return line === undefined ? ['/bin/sh'] : line.trim().split(/\s+/)
}

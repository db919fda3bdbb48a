// The deadman of nodes that dialogues freeze: the lines of the node's own fs_finalize, run by the host's own shell.
import type { JsonObject } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'
import type { DeadmanFinalize } from '../contract/deadman.ts'
import { guestDeadman, type Thaw } from '../ssh/deadman/guest-deadman.ts'
import { callsOf } from './calls.ts'
import { authOf, type GivenCall } from './inputs.ts'
import { reachedHost } from './reached-host.ts'

interface Given {
  readonly calls?: readonly GivenCall[]
  readonly terminal_auth?: JsonObject | null
}

export const terminalDeadman = guestDeadman({
  thawOf,
  settingsOf: async (ctx, finalize) =>
    reachedHost(ctx, await authOf(ctx, (finalize?.inputs as Given | undefined)?.terminal_auth)),
})

/** Lines that give the terminal to another program, which alone would read what follows. */
const handsOver = /^\s*(?:sudo\s+(?:-[is]\b|su\b)|su\b|ssh\s|telnet\s|(?:ba|da|z|k)?sh\s*$|enable\b|conf(?:igure)?\b)/

async function thawOf(ctx: OperationContext, finalize: DeadmanFinalize | undefined): Promise<Thaw | string> {
  if (!finalize) return 'the node has no fs_finalize'
  const { plugin, operation, inputs } = finalize
  if (!/(?:^|--)terminal$/.test(plugin))
    return `its fs_finalize is ${plugin}.${operation}, which a terminal cannot leave on the host`
  const { calls: given = [], terminal_auth: auth } = inputs as unknown as Given
  const calls = await callsOf(ctx, given)
  const asked = calls.find(({ responses = [] }) => responses.length > 0)
  if (asked) return `its fs_finalize answers what '${asked.lines[0]}' asks, and nobody would be there to answer`
  const lines = calls.flatMap((call) => call.lines)
  const handed = lines.find((line) => handsOver.test(line))
  if (handed !== undefined) return `its fs_finalize hands the terminal over with '${handed}'`
  const settings = await reachedHost(ctx, await authOf(ctx, auth))
  return { settings, script: [...lines, ''].join('\n') }
}

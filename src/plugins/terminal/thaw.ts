// The deadman of nodes that dialogues freeze: the lines of the node's own fs_finalize, run by the host's own shell.
import type { JsonObject } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'
import type { DeadmanFinalize } from '../contract/deadman.ts'
import { guestDeadman, type Thaw } from '../ssh/deadman/guest-deadman.ts'
import { hostOf } from '../ssh/host/host-of.ts'
import { authOf, hostFromAuth, type GivenCall } from './inputs.ts'

export const terminalDeadman = guestDeadman({
  thawOf,
  settingsOf: async (ctx, finalize) =>
    hostOf(ctx, hostFromAuth(await authOf(ctx, finalize?.inputs['terminal_auth'] as JsonObject | undefined))),
})

/** Lines that give the terminal to another program, which alone would read what follows. */
const handsOver = /^\s*(?:sudo\s+(?:-[is]\b|su\b)|su\b|ssh\s|telnet\s|(?:ba|da|z|k)?sh\s*$|enable\b|conf(?:igure)?\b)/

async function thawOf(ctx: OperationContext, finalize: DeadmanFinalize | undefined): Promise<Thaw | string> {
  if (!finalize) return 'the node has no fs_finalize'
  const { plugin, operation, inputs } = finalize
  if (!/(?:^|--)terminal$/.test(plugin))
    return `its fs_finalize is ${plugin}.${operation}, which a terminal cannot leave on the host`
  const { calls, terminal_auth: given } = inputs as unknown as {
    readonly calls: readonly GivenCall[]
    readonly terminal_auth?: JsonObject | null
  }
  const asked = calls.find(({ responses = [] }) => responses.length > 0)
  if (asked) return `its fs_finalize answers what '${asked.action}' asks, and nobody would be there to answer`
  const handed = calls.find(({ action }) => handsOver.test(action))
  if (handed) return `its fs_finalize hands the terminal over with '${handed.action}'`
  const settings = await hostOf(ctx, hostFromAuth(await authOf(ctx, given)))
  return { settings, script: [...calls.map(({ action }) => action.trimEnd()), ''].join('\n') }
}

// cloudify_terminal.tasks.run: calls over a terminal, each until its prompt, with texts that make it a failure.
import { seconds } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { quoteWord } from '../../ssh/client/quote.ts'
import { underGuest } from '../../ssh/deadman/guest-deadman.ts'
import { hostOf } from '../../ssh/host/host-of.ts'
import { withHost } from '../../ssh/host/shared-connections.ts'
import { Dialogue, type Turn } from '../dialogue.ts'
import { authOf, hostFromAuth, TerminalInputs, type GivenCall } from '../inputs.ts'
import { terminalDeadman } from '../thaw.ts'

const usualPrompts = ['$', '#', '>']
const usualTimeout = 60

export const run = operation({
  inputs: TerminalInputs,
  deadman: terminalDeadman,
  async run(ctx, { calls, terminal_auth: given }) {
    const auth = await authOf(ctx, given as JsonObject | null | undefined)
    const settings = await hostOf(ctx, hostFromAuth(auth))
    await underGuest(ctx, (env) =>
      withHost(settings, ctx, async (connection) => {
        const dialogue = new Dialogue(await connection.openShell({ signal: ctx.signal }), ctx)
        try {
          await dialogue.read(turnOf(undefined, auth))
          for (const [name, value] of Object.entries(env)) {
            dialogue.type(`export ${name}=${quoteWord(value)}\n`)
            await dialogue.read(turnOf(undefined, auth))
          }
          for (const call of calls) await perform(ctx, dialogue, call, auth)
          dialogue.type(`${typeof auth['exit_command'] === 'string' ? auth['exit_command'] : 'exit'}\n`)
        } finally {
          dialogue.end()
        }
      }),
    )
  },
})

async function perform(ctx: OperationContext, dialogue: Dialogue, call: GivenCall, auth: JsonObject): Promise<void> {
  dialogue.type(`${call.action.trimEnd()}\n`)
  const read = await dialogue.read(turnOf(call, auth))
  // The terminal repeats what was typed first, and shows its prompt last.
  const lines = read.split('\n').slice(call.action.trimEnd().split('\n').length)
  const answer = lines.slice(0, -1).join('\n').trim()
  if (answer !== '') ctx.log.info(answer)
  if (call.save_to !== undefined) ctx.instance.runtimeProperties[call.save_to] = answer
  const said = (kind: 'criticals' | 'errors' | 'warnings'): string | undefined =>
    [...(call[kind] ?? []), ...textsOf(auth[kind])].find((text) => answer.includes(text))
  const critical = said('criticals')
  if (critical !== undefined) throw failed(critical, 'never')
  const problem = said('errors') ?? said('warnings')
  if (problem !== undefined) throw failed(problem, 'later')
}

function turnOf(call: GivenCall | undefined, auth: JsonObject): Turn {
  const prompts = [call?.promt_check ?? call?.prompt_check ?? [], textsOf(auth['promt_check']), usualPrompts]
  return {
    prompts: prompts.find((list) => list.length > 0) ?? usualPrompts,
    questions: (call?.responses ?? []) as Turn['questions'],
    timeout: seconds(call?.timeout ?? usualTimeout),
  }
}

const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

const failed = (text: string, retry: 'never' | 'later'): Error =>
  fault('ssh.command_failed', {
    details: { host: 'the terminal', reason: `it said '${text}'` },
    retry,
    effect: 'unknown',
  })

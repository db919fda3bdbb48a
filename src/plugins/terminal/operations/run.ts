// cloudify_terminal.tasks.run: calls over a terminal, each line until its prompt, with texts that make it a failure.
import { seconds } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { quoteWord } from '../../ssh/client/quote.ts'
import { underGuest } from '../../ssh/deadman/guest-deadman.ts'
import { withHost } from '../../ssh/host/shared-connections.ts'
import { callsOf, type Call } from '../calls.ts'
import { Dialogue, type Turn } from '../dialogue.ts'
import { authOf, TerminalInputs, textsOf } from '../inputs.ts'
import { reachedHost } from '../reached-host.ts'
import { terminalDeadman } from '../thaw.ts'

const usualPrompts = ['$', '#', '>']
const usualTimeout = 60
const usualRetries = { count: 10, sleep: 15 }

export const run = operation({
  inputs: TerminalInputs,
  deadman: terminalDeadman,
  async run(ctx, { calls: given, terminal_auth: givenAuth }) {
    const auth = await authOf(ctx, givenAuth as JsonObject | null | undefined)
    const calls = await callsOf(ctx, given)
    const settings = await reachedHost(ctx, auth)
    await underGuest(ctx, settings, (env) =>
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

async function perform(ctx: OperationContext, dialogue: Dialogue, call: Call, auth: JsonObject): Promise<void> {
  const answers: string[] = []
  for (const line of call.lines) answers.push(await say(ctx, dialogue, { line, call, auth }))
  if (call.save_to !== undefined) ctx.instance.runtimeProperties[call.save_to] = answers.join('\n').trim()
}

interface Saying {
  readonly line: string
  readonly call: Call
  readonly auth: JsonObject
}

/** What was answered. Typed again after a warning. @throws Fault `ssh.command_failed`, `ssh.bad_prompt` */
async function say(ctx: OperationContext, dialogue: Dialogue, saying: Saying): Promise<string> {
  const { line, call, auth } = saying
  const { retry_count: count = usualRetries.count, retry_sleep: sleep = usualRetries.sleep } = call
  for (let left = count; ; left--) {
    dialogue.type(`${line}\n`)
    const read = await dialogue.read(turnOf(call, auth))
    // The terminal repeats what was typed first, and shows its prompt last.
    const answer = read.split('\n').slice(1, -1).join('\n').trim()
    if (answer !== '') ctx.log.info(answer)
    const critical = saidIn(answer, 'criticals', saying)
    if (critical !== undefined) throw failed(critical, 'never')
    const error = saidIn(answer, 'errors', saying)
    if (error !== undefined) throw failed(error, 'later')
    const warning = saidIn(answer, 'warnings', saying)
    if (warning === undefined) return answer
    if (left === 0) throw failed(warning, 'later')
    await ctx.world.clock.sleep(seconds(sleep), ctx.signal)
  }
}

/** What the call names wins over what the terminal names. */
function saidIn(answer: string, kind: 'criticals' | 'errors' | 'warnings', { call, auth }: Saying): string | undefined {
  return (call[kind] ?? textsOf(auth[kind])).find((text) => answer.includes(text))
}

function turnOf(call: Call | undefined, auth: JsonObject): Turn {
  const prompts = [call?.promt_check ?? call?.prompt_check ?? [], textsOf(auth['promt_check']), usualPrompts]
  return {
    prompts: prompts.find((list) => list.length > 0) ?? usualPrompts,
    questions: (call?.responses ?? []) as Turn['questions'],
    timeout: seconds(call?.timeout ?? usualTimeout),
  }
}

const failed = (text: string, retry: 'never' | 'later'): Error =>
  fault('ssh.command_failed', {
    details: { host: 'the terminal', reason: `it said '${text}'` },
    retry,
    effect: 'unknown',
  })

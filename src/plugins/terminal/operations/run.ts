// cloudify_terminal.tasks.run: calls over a terminal, each until its prompt, with texts that make it a failure.
import { Type, type Static } from 'typebox'
import { seconds } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { hostOf } from '../../ssh/host/host-of.ts'
import { withHost } from '../../ssh/host/shared-connections.ts'
import { Dialogue, type Turn } from '../dialogue.ts'

const Text = Type.String()
const Texts = Type.Optional(Type.Array(Text))
const Call = Type.Object({
  action: Text,
  // The name is spelled like this.
  promt_check: Texts,
  prompt_check: Texts,
  responses: Type.Optional(
    Type.Array(Type.Object({ question: Text, answer: Text, newline: Type.Optional(Type.Boolean()) })),
  ),
  errors: Texts,
  warnings: Texts,
  criticals: Texts,
  save_to: Type.Optional(Text),
  timeout: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
})
type GivenCall = Static<typeof Call>

const usualPrompts = ['$', '#', '>']
const usualTimeout = 60

export const run = operation({
  inputs: Type.Object({
    calls: Type.Array(Call),
    terminal_auth: Type.Optional(Type.Union([Type.Record(Text, Type.Unknown()), Type.Null()])),
  }),
  async run(ctx, { calls, terminal_auth: given }) {
    const own = await ctx.evaluate(ctx.node.properties['terminal_auth'] ?? {})
    const auth: JsonObject = { ...(isJsonObject(own) ? own : {}), ...(given as JsonObject | null | undefined) }
    const settings = await hostOf(ctx, hostFromAuth(auth))
    await withHost(settings, ctx, async (connection) => {
      const dialogue = new Dialogue(await connection.openShell({ signal: ctx.signal }), ctx)
      try {
        await dialogue.read(turnOf(undefined, auth))
        for (const call of calls) await perform(ctx, dialogue, call, auth)
        dialogue.type(`${typeof auth['exit_command'] === 'string' ? auth['exit_command'] : 'exit'}\n`)
      } finally {
        dialogue.end()
      }
    })
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

function hostFromAuth(auth: JsonObject): JsonObject {
  const { ip, user, password, port, key_content: key } = auth
  // Several addresses are those of one host; the first is taken.
  const host = Array.isArray(ip) ? ip[0] : ip
  const given: Record<string, Json | undefined> = { ip: host, user, password, port, key }
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, Json] => entry[1] !== undefined))
}

const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

const failed = (text: string, retry: 'never' | 'later'): Error =>
  fault('ssh.command_failed', {
    details: { host: 'the terminal', reason: `it said '${text}'` },
    retry,
    effect: 'unknown',
  })

// What cloudify_terminal.tasks.run is given: calls, and how the terminal is reached.
import type { Static } from 'typebox'
import { Type } from '../../kernel/schema.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'

const Text = Type.String()
const Texts = Type.Optional(Type.Array(Text))
const Call = Type.Object({
  action: Type.Optional(Text),
  /** A file of the blueprint; only without an action. */
  template: Type.Optional(Text),
  template_text: Type.Optional(Text),
  params: Type.Optional(Type.Union([Type.Record(Text, Type.Unknown()), Type.Null()])),
  // The name is spelled like this.
  promt_check: Texts,
  prompt_check: Texts,
  responses: Type.Optional(
    Type.Array(Type.Object({ question: Text, answer: Text, newline: Type.Optional(Type.Boolean()) })),
  ),
  errors: Texts,
  warnings: Texts,
  criticals: Texts,
  /** A line that is answered with a warning is typed again, so often, so many seconds later. */
  retry_count: Type.Optional(Type.Integer({ minimum: 0 })),
  retry_sleep: Type.Optional(Type.Number({ minimum: 0 })),
  save_to: Type.Optional(Text),
  timeout: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
})
export type GivenCall = Static<typeof Call>

export const TerminalInputs = Type.Object({
  calls: Type.Array(Call),
  terminal_auth: Type.Optional(Type.Union([Type.Record(Text, Type.Unknown()), Type.Null()])),
})

/** The node's own `terminal_auth` under what the operation is given. */
export async function authOf(ctx: OperationContext, given: JsonObject | null | undefined): Promise<JsonObject> {
  const own = await ctx.evaluate(ctx.node.properties['terminal_auth'] ?? {})
  return { ...(isJsonObject(own) ? own : {}), ...given }
}

export const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

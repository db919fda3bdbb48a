// What cloudify_terminal.tasks.run is given: calls, and how the terminal is reached.
import { Type, type Static } from 'typebox'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'

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

/** Credentials as hosts of the ssh plugin have them. */
export function hostFromAuth(auth: JsonObject): JsonObject {
  const { ip, user, password, port, key_content: key } = auth
  // Several addresses are those of one host; the first is taken.
  const host = Array.isArray(ip) ? ip[0] : ip
  const given: Record<string, Json | undefined> = { ip: host, user, password, port, key }
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, Json] => entry[1] !== undefined))
}

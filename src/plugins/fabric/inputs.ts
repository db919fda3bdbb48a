// What the operations of cloudify-fabric-plugin are given, as far as it means the same without Python.
import type { Static } from 'typebox'
import { Type } from '../../kernel/schema.ts'

const Text = Type.String()
const host = {
  fabric_env: Type.Optional(Type.Union([Type.Record(Text, Type.Unknown()), Type.Null()])),
  use_sudo: Type.Optional(Type.Boolean()),
  hide_output: Type.Optional(Type.Unknown()),
}

export const CommandsInputs = Type.Object({
  commands: Type.Union([Text, Type.Array(Text, { minItems: 1 })]),
  /** Go on after a command that failed. */
  continue_on_error: Type.Optional(Type.Boolean()),
  ...host,
})
export type GivenCommands = Static<typeof CommandsInputs>

export const ScriptInputs = Type.Object({
  script_path: Text,
  process: Type.Optional(
    Type.Object({
      env: Type.Optional(Type.Record(Text, Type.Union([Text, Type.Number(), Type.Boolean()]))),
      cwd: Type.Optional(Text),
      args: Type.Optional(Type.Array(Type.Union([Text, Type.Number(), Type.Boolean()]))),
      command_prefix: Type.Optional(Text),
    }),
  ),
  ...host,
})
export type GivenScript = Static<typeof ScriptInputs>

export const commandsOf = ({ commands }: GivenCommands): readonly string[] =>
  typeof commands === 'string' ? [commands] : commands

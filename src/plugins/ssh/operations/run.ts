// ssh.run: a command, or a script of the blueprint, on the host of the node.
import { readFile } from 'node:fs/promises'
import type { Static } from 'typebox'
import { Type } from '../../../kernel/schema.ts'
import { seconds } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import type { Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { hostOf } from '../host/host-of.ts'
import { runCommand, type CommandOptions } from '../host/run-command.ts'
import { withHost } from '../host/shared-connections.ts'

const Text = Type.String()
const Inputs = Type.Object({
  command: Type.Optional(Type.Union([Text, Type.Array(Text, { minItems: 1 })])),
  script_path: Type.Optional(Text),
  args: Type.Optional(Type.Array(Type.Union([Text, Type.Number(), Type.Boolean()]))),
  env: Type.Optional(Type.Record(Text, Type.Union([Text, Type.Number(), Type.Boolean()]))),
  cwd: Type.Optional(Text),
  stdin: Type.Optional(Text),
  timeout: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  sudo: Type.Optional(Type.Union([Type.Boolean(), Text])),
  exit_codes: Type.Optional(Type.Array(Type.Integer())),
  log_output: Type.Optional(Type.Boolean()),
  /** How the host is reached, where it is not as the node's properties say. */
  host: Type.Optional(Type.Record(Text, Type.Unknown())),
})
type Given = Static<typeof Inputs>

export const run = operation({
  inputs: Inputs,
  run: async (ctx, inputs): Promise<Json> => runOnHost(ctx, inputs),
})

async function runOnHost(ctx: OperationContext, inputs: Given): Promise<Json> {
  const settings = await hostOf(ctx, hostInputs(inputs))
  const { command, stdin } = await whatToRun(ctx, inputs)
  return withHost(settings, ctx, (connection) =>
    runCommand(ctx, connection, settings, command, {
      ...optionsFrom(inputs),
      ...(stdin === undefined ? {} : { stdin }),
    }),
  )
}

interface What {
  readonly command: string | readonly string[]
  readonly stdin?: string | Uint8Array | undefined
}

/** @throws Fault `ssh.bad_input` */
async function whatToRun(
  ctx: OperationContext,
  { command, script_path: path, args = [], stdin }: Given,
): Promise<What> {
  const words = args.map(String)
  if (command !== undefined && path === undefined) {
    if (words.length === 0) return { command, stdin }
    if (typeof command !== 'string') return { command: [...command, ...words], stdin }
    throw bad('args go with a command that is a list, or with script_path')
  }
  if (path === undefined || command !== undefined) throw bad('expected exactly one of command and script_path')
  if (stdin !== undefined) throw bad('a script is handed over on standard input, so it cannot have another one')
  const script = await readFile(await ctx.blueprintFile(path))
  // Kept in no file there, so that nothing is left and no disk is needed.
  return { command: [interpreterOf(script.toString('latin1')), '-s', '--', ...words], stdin: script }
}

/** Shells read a script from standard input and take arguments after -s. @throws Fault `ssh.bad_input` */
function interpreterOf(script: string): string {
  const [, program = '/bin/sh'] = /^#!\s*(?:\S*\/env\s+)?(\S+)/.exec(script) ?? []
  if (/(?:^|\/)(?:ba|da|k|z|mk)?sh$/.test(program)) return program
  throw bad(`a script for '${program}' is run by script_runner.tasks.run with executor: host_agent`)
}

function hostInputs(inputs: Given): Record<string, Json> {
  const given = (inputs.host ?? {}) as Record<string, Json>
  return inputs.sudo === undefined ? given : { ...given, sudo: inputs.sudo }
}

function optionsFrom(inputs: Given): CommandOptions {
  const { env, cwd, timeout, exit_codes: goodCodes, log_output: isLogged = true } = inputs
  return {
    isQuiet: !isLogged,
    ...(env ? { env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])) } : {}),
    ...(cwd === undefined ? {} : { cwd }),
    ...(timeout === undefined ? {} : { timeout: seconds(timeout) }),
    ...(goodCodes ? { goodCodes } : {}),
  }
}

const bad = (message: string): Error => fault('ssh.bad_input', { details: { message } })

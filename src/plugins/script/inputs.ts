// Parts an operation's inputs into what tells how to run the script and what the script is to see.
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { fault, type Fault } from '../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

const Process = Type.Object({
  env: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  cwd: Type.Optional(Type.String()),
  command_prefix: Type.Optional(Type.String()),
  args: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()]))),
  log_stdout: Type.Optional(Type.Boolean()),
  log_stderr: Type.Optional(Type.Boolean()),
  stderr_to_stdout: Type.Optional(Type.Boolean()),
  eval_python: Type.Optional(Type.Boolean()),
  ctx_proxy_type: Type.Optional(Type.String()),
})

export type ProcessOptions = Static<typeof Process>

export interface ScriptRequest {
  /** Where the text comes from. */
  readonly origin: { readonly path: string } | { readonly source: string }
  readonly process: ProcessOptions
  /** `process.env`, as given. */
  readonly env: JsonObject
  /** All other inputs. */
  readonly variables: JsonObject
}

/** @throws Fault `script.bad_input` */
export function readInputs(inputs: JsonObject): ScriptRequest {
  const {
    script_path: path,
    script_source: source,
    process: given,
    ssl_cert_content: _certificate,
    ...variables
  } = inputs
  const process = readProcess(given)
  const env = withoutNulls(isJsonObject(process.env) ? process.env : {})
  return { origin: readOrigin(path ?? null, source ?? null), process, env, variables }
}

function readOrigin(path: Json, source: Json): ScriptRequest['origin'] {
  const hasSource = typeof source === 'string' && source !== ''
  if (typeof path === 'string' && path !== '' && !hasSource) {
    if (/^https?:\/\//i.test(path)) throw bad(`script_path '${path}' is a URL`, 'put the script beside the blueprint')
    return { path }
  }
  if (hasSource && (path === null || path === '')) return { source }
  throw bad('expected exactly one of script_path and script_source, as a text')
}

function readProcess(given: Json | undefined): ProcessOptions {
  if (given === undefined || given === null || given === '') return {}
  const options: unknown = isJsonObject(given) ? withoutNulls(given) : given
  if (Value.Check(Process, options)) return options
  const first = Value.Errors(Process, options)[0]
  throw bad(`process${(first?.instancePath ?? '').replaceAll('/', '.')}: ${first?.message ?? 'is not understood'}`)
}

function withoutNulls(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null))
}

function bad(message: string, hint?: string): Fault {
  return fault('script.bad_input', { details: { message }, hint })
}

// The environment a script runs in: ours without fermata's own settings, then the inputs, then process.env.
import { tmpdir } from 'node:os'
import { delimiter } from 'node:path'
import { fault } from '../../kernel/fault.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'

export type Environment = Readonly<Record<string, string>>

export interface EnvironmentParts {
  /** What we were started with. */
  readonly own: Readonly<Record<string, string | undefined>>
  readonly variables: JsonObject
  readonly env: JsonObject
  /** The folder that holds the `ctx` command, and where that command finds us. */
  readonly proxy: { readonly bin: string; readonly url: string } | undefined
}

/** @throws Fault `script.bad_input` for a name or value that no environment can hold. */
export function buildEnvironment(parts: EnvironmentParts): Environment {
  const inherited = Object.entries(parts.own).filter(
    // The engine's settings may hold credentials of its store; CTX_SOCKET_URL would be that of a script around us.
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(?:FERMATA_.*|CTX_SOCKET_URL)$/.test(entry[0]),
  )
  const environment: Record<string, string> = { TMPDIR: tmpdir(), ...Object.fromEntries(inherited) }
  for (const [name, value] of [...Object.entries(parts.variables), ...Object.entries(parts.env)]) {
    environment[name] = checked(name, environmentText(value))
  }
  if (!parts.proxy) return environment
  const path = environment['PATH'] ?? ''
  // Ours comes first: a genuine `ctx` elsewhere on the path does not print as scripts expect of this one.
  return { ...environment, PATH: [parts.proxy.bin, path].join(delimiter), CTX_SOCKET_URL: parts.proxy.url }
}

/** Adds the Python package `cloudify` of this plugin. */
export function withPython(environment: Environment, packages: string): Environment {
  const others = environment['PYTHONPATH']
  return {
    ...environment,
    PYTHONPATH: others ? `${packages}${delimiter}${others}` : packages,
    // So that lines reach the log when they are printed, not when the script ends.
    PYTHONUNBUFFERED: environment['PYTHONUNBUFFERED'] ?? '1',
    // Or Python would write its cache beside the package.
    PYTHONDONTWRITEBYTECODE: '1',
  }
}

/** Cloudify's spelling: containers and truth values as JSON, everything else as Python's `str` gives it. */
function environmentText(value: Json): string {
  if (value === null) return 'None'
  return typeof value === 'object' || typeof value === 'boolean' ? JSON.stringify(value) : String(value)
}

function checked(name: string, value: string): string {
  const reason = name === '' || /[=\0]/.test(name) ? 'its name' : value.includes('\0') ? 'a NUL character' : undefined
  if (reason === undefined) return value
  const message = `input '${name}' cannot be an environment variable because of ${reason}`
  throw fault('script.bad_input', { details: { message } })
}

// Reads the properties of a fermata.nodes.local.Process: where it runs, with which command, environment and hooks.
import { isAbsolute, join } from 'node:path'
import type { Duration } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Hook } from '../guard/hook.ts'
import { badProperty, commandProperty, optionalText, secondsProperty, textList } from './property-readers.ts'

export interface ProcessSettings {
  /** The instance's own folder; blueprint files lie in it. */
  readonly folder: string
  readonly command: readonly string[]
  readonly cwd: string
  /** The whole environment of the process and of its hooks. */
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
  /** Files of the blueprint that the process needs, copied below `folder`. */
  readonly files: readonly string[]
  readonly stopTimeout: Duration
  readonly startGrace: Duration
  readonly prepare: Hook | null
  readonly finalize: Hook | null
}

/** What a process inherits of our own environment; the rest may hold secrets of ours. */
const inherited = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR']

/** @throws Fault `local.bad_property` */
export async function processSettings(ctx: OperationContext): Promise<ProcessSettings> {
  const properties = await evaluatedProperties(ctx)
  const folder = processFolder(ctx)
  const cwd = below(ctx.stateDirectory, optionalText(properties, 'cwd') ?? folder)
  const env = environment(ctx, properties, folder)
  const timeout = secondsProperty(properties, 'hook_timeout', 10)
  const hook = (name: string): Hook | null => {
    const command = commandProperty(properties, name)
    return command && { command, cwd, env, timeout }
  }
  return {
    folder,
    command: commandProperty(properties, 'command') ?? badProperty('command', 'it is missing; name a program to run'),
    cwd,
    env,
    logFile: below(folder, optionalText(properties, 'log_file') ?? 'output.log'),
    files: textList(properties, 'files'),
    stopTimeout: secondsProperty(properties, 'stop_timeout', 10),
    startGrace: secondsProperty(properties, 'start_grace', 0.2),
    prepare: hook('prepare'),
    finalize: hook('finalize'),
  }
}

/** The folder that belongs to this instance alone; gone when it is deleted. */
export function processFolder(ctx: OperationContext): string {
  return join(ctx.stateDirectory, 'processes', ctx.instance.id)
}

/** Files of the blueprint that the properties name. @throws Fault `local.bad_property` */
export async function blueprintFiles(ctx: OperationContext): Promise<readonly string[]> {
  return textList(await evaluatedProperties(ctx), 'files')
}

/** The environment entry by which a process started for this operation key is known. */
export function keyMark(operationKey: string): string {
  return `FERMATA_OPERATION_KEY=${operationKey}`
}

async function evaluatedProperties(ctx: OperationContext): Promise<JsonObject> {
  const evaluated = await ctx.evaluate(ctx.node.properties)
  return isJsonObject(evaluated) ? evaluated : {}
}

function environment(ctx: OperationContext, properties: JsonObject, folder: string): Record<string, string> {
  const own = Object.fromEntries(
    inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  ) as Record<string, string>
  const given = properties['env'] ?? {}
  if (!isJsonObject(given)) throw wrongEnvironment('it must map names to texts')
  const entries = Object.entries(given).map(([name, value]) => [name, environmentValue(name, value)] as const)
  return {
    ...own,
    ...Object.fromEntries(entries),
    FERMATA_FILES: folder,
    FERMATA_INSTANCE_ID: ctx.instance.id,
    FERMATA_DEPLOYMENT_ID: ctx.deployment.id,
  }
}

function environmentValue(name: string, value: Json): string {
  if (!/^[^=\0]+$/.test(name)) throw wrongEnvironment(`'${name}' cannot be a name`)
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  if (!isPlain || String(value).includes('\0')) throw wrongEnvironment(`${name} must be a text, a number or a boolean`)
  return String(value)
}

const wrongEnvironment = (reason: string): Error =>
  fault('local.bad_property', { details: { property: 'env', reason } })

const below = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path))

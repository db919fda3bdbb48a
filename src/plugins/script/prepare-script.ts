// Makes a script ready to run: its copy in the workspace, the environment, the command, the working folder.
import { stat } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { fault } from '../../kernel/fault.ts'
import type { OperationContext } from '../contract/context.ts'
import { buildEnvironment, withPython, type Environment } from './environment.ts'
import { inlineName } from './inline-source.ts'
import type { ScriptRequest } from './inputs.ts'
import { chooseCommand, findProgram } from './interpreter.ts'
import type { Workspace } from './workspace.ts'

export interface Prepared {
  /** The program's full path first. */
  readonly words: readonly string[]
  readonly cwd: string
  readonly env: Environment
  /** The command as users know it, for logs and errors. */
  readonly spoken: string
  /** The script's copy. */
  readonly script: string
}

export interface ScriptPlace {
  readonly workspace: Workspace
  /** Where `ctx` finds its server; undefined: there is none. */
  readonly url: string | undefined
  /** What we were started with, or as much of it as the script shall see. */
  readonly own: Readonly<Record<string, string | undefined>>
}

export async function prepareScript(
  ctx: OperationContext,
  request: ScriptRequest,
  place: ScriptPlace,
): Promise<Prepared> {
  const { workspace, url } = place
  const environment = buildEnvironment({
    own: place.own,
    variables: request.variables,
    env: request.env,
    proxy: url === undefined ? undefined : { bin: workspace.bin, url },
  })
  const { script, name } = await fetchScript(ctx, request, workspace, environment)
  const command = await chooseCommand({
    script,
    prefix: request.process.command_prefix,
    asPython: request.process.eval_python === true,
    runner: workspace.pythonRunner,
  })
  const [program = script, ...words] = command.words
  const args = (request.process.args ?? []).map(String)
  return {
    words: [await findProgram(program, environment, name), ...words, ...args],
    cwd: await workingFolder(ctx, request.process.cwd),
    env: command.isPython ? withPython(environment, workspace.python) : environment,
    spoken: [...(request.process.command_prefix ? [request.process.command_prefix] : []), name, ...args].join(' '),
    script,
  }
}

async function fetchScript(
  ctx: OperationContext,
  { origin }: ScriptRequest,
  workspace: Workspace,
  environment: Environment,
): Promise<{ readonly script: string; readonly name: string }> {
  if ('path' in origin) {
    const file = await ctx.blueprintFile(origin.path)
    // The name on disk may have lost its extension in some store; the blueprint's spelling counts.
    const extension = extname(file) === extname(origin.path) ? undefined : basename(origin.path)
    return { script: await workspace.addFile(file, extension), name: origin.path }
  }
  const { name, text } = await inlineName(origin.source, environment)
  return { script: await workspace.addSource(name, text), name }
}

/** Relative ones lie below the state directory, which is also the default: the same wherever the engine was started. */
async function workingFolder(ctx: OperationContext, given: string | undefined): Promise<string> {
  const folder = resolve(ctx.stateDirectory, given ?? '.')
  const isFolder = await stat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  )
  if (isFolder) return folder
  throw fault('script.bad_input', { details: { message: `process.cwd '${folder}' is not a folder` } })
}

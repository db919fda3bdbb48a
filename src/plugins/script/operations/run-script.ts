// The operation `script_runner.tasks.run`: copies the script to a private place, runs it with `ctx` at hand, and turns
// what it said and how it ended into a result or a fault.
import { stat } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { fault } from '../../../kernel/fault.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { runChild } from '../child.ts'
import { buildEnvironment, withPython } from '../environment.ts'
import { readInputs, type ScriptRequest } from '../inputs.ts'
import { chooseCommand, findProgram } from '../interpreter.ts'
import { Outcome } from '../outcome.ts'
import { scriptOutput } from '../script-output.ts'
import { contextTree } from '../proxy/context-tree.ts'
import { resolve as resolveWords } from '../proxy/resolve.ts'
import { startProxy, type CtxProxy } from '../proxy/server.ts'
import { inlineName } from '../inline-source.ts'
import { openWorkspace, pythonFolder, pythonRunner, type Workspace } from '../workspace.ts'

export const runScript = operation({ run: (ctx, inputs) => run(ctx, inputs) })

async function run(ctx: OperationContext, inputs: JsonObject): Promise<Json> {
  const request = readInputs(inputs)
  const outcome = new Outcome()
  const workspace = await openWorkspace()
  try {
    const proxy = await openProxy(ctx, request, outcome)
    try {
      return await runIn(ctx, request, { workspace, proxy, outcome })
    } finally {
      await proxy?.close()
    }
  } finally {
    await workspace.remove().catch((error: Error) => ctx.log.warning(`${workspace.folder} is left: ${error.message}`))
  }
}

async function runIn(ctx: OperationContext, request: ScriptRequest, place: Place): Promise<Json> {
  const prepared = await prepare(ctx, request, place)
  const output = scriptOutput(ctx.log, request.process)
  const end = await runChild(prepared.words, { ...prepared, ...output, signal: ctx.signal, world: ctx.world })
  const { stdout, stderr } = output.end()
  ctx.log.debug(`Execution done (return_code=${end.code ?? end.signal}): ${prepared.spoken}`)
  return place.outcome.settle({ exit: end, command: prepared.spoken, stdout, stderr })
}

async function openProxy(
  ctx: OperationContext,
  request: ScriptRequest,
  outcome: Outcome,
): Promise<CtxProxy | undefined> {
  if (request.process.ctx_proxy_type === 'none') return undefined
  const tree = contextTree(ctx, outcome, request.variables)
  return startProxy(ctx.world, {
    command: (words) => resolveWords(tree, words),
    raised: (exception) => outcome.raised(exception),
  })
}

interface Prepared {
  /** The program's full path first. */
  readonly words: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** The command as users know it, for logs and errors. */
  readonly spoken: string
}

interface Place {
  readonly workspace: Workspace
  readonly proxy: CtxProxy | undefined
  readonly outcome: Outcome
}

async function prepare(ctx: OperationContext, request: ScriptRequest, place: Place): Promise<Prepared> {
  const { workspace, proxy } = place
  const environment = buildEnvironment({
    own: process.env,
    variables: request.variables,
    env: request.env,
    proxy: proxy && { bin: workspace.bin, url: proxy.url },
  })
  const { script, name } = await fetchScript(ctx, request, workspace, environment)
  const command = await chooseCommand({
    script,
    prefix: request.process.command_prefix,
    asPython: request.process.eval_python === true,
    runner: pythonRunner,
  })
  const [program = script, ...words] = command.words
  const args = (request.process.args ?? []).map(String)
  return {
    words: [await findProgram(program, environment, name), ...words, ...args],
    cwd: await workingFolder(ctx, request.process.cwd),
    env: command.isPython ? withPython(environment, pythonFolder) : environment,
    spoken: [...(request.process.command_prefix ? [request.process.command_prefix] : []), name, ...args].join(' '),
  }
}

async function fetchScript(
  ctx: OperationContext,
  { origin }: ScriptRequest,
  workspace: Workspace,
  environment: Readonly<Record<string, string>>,
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

// Runs a script on the host of its node, over SSH: with the same inputs, the same `ctx`, and nothing left afterwards.
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fault } from '../../../kernel/fault.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Connection } from '../../ssh/client/connection.ts'
import { quoteCommand, quoteWord } from '../../ssh/client/quote.ts'
import { runScript } from '../../ssh/deadman/guest-deadman.ts'
import { hostOf } from '../../ssh/host/host-of.ts'
import type { HostSettings } from '../../ssh/host/settings.ts'
import { connectTo } from '../../ssh/host/shared-connections.ts'
import { buildEnvironment } from '../environment.ts'
import { inlineName } from '../inline-source.ts'
import { readInputs, type ScriptRequest } from '../inputs.ts'
import { chooseCommand } from '../interpreter.ts'
import { Outcome } from '../outcome.ts'
import { contextTree } from '../proxy/context-tree.ts'
import { resolve } from '../proxy/resolve.ts'
import type { ProxyHandlers } from '../proxy/server.ts'
import { scriptOutput } from '../script-output.ts'
import { openWorkspace } from '../workspace.ts'
import { answerQuestion, parseQuestion } from './questions.ts'
import { answerScript, ctxCommand, endScript, hostPaths, loneCtxCommand, serveScript } from './shell.ts'

interface HostScript {
  readonly files: Readonly<Record<string, Uint8Array>>
  /** The command, with the script's folder as `$top`. */
  readonly line: string
  readonly spoken: string
}

export async function runOnHost(
  ctx: OperationContext,
  inputs: JsonObject,
  mark: Readonly<Record<string, string>> = {},
) {
  const request = readInputs(inputs)
  const settings = await hostOf(ctx)
  const script = await prepare(ctx, request)
  const outcome = new Outcome()
  const tree = contextTree(ctx, outcome, request.variables)
  const handlers: ProxyHandlers = {
    command: (words) => resolve(tree, words),
    raised: (exception) => outcome.raised(exception),
  }
  const connection = await connectTo(settings, ctx)
  try {
    const served = await serve(ctx, { connection, settings }, script, handlers)
    try {
      const output = scriptOutput(ctx.log, request.process)
      const { TMPDIR: _ours, ...variables } = buildEnvironment({
        own: {},
        variables: request.variables,
        env: request.env,
        proxy: undefined,
      })
      const { cwd } = request.process
      const end = await connection.exec(
        `top=${quoteWord(served.top)}; cd ${quoteWord(cwd ?? served.top)} || exit 1
${hostPaths}
${script.line}`,
        {
          signal: ctx.signal,
          env: { ...variables, ...mark },
          onOutput: (stream, text) => output[stream === 'stdout' ? 'onStdout' : 'onStderr'](Buffer.from(text)),
          ...(settings.sudo ? { sudo: settings.sudo } : {}),
        },
      )
      const { stdout, stderr } = output.end()
      ctx.log.debug(`Execution done (return_code=${end.code ?? end.signal}): ${script.spoken}`)
      return outcome.settle({ exit: end, command: script.spoken, stdout, stderr }) as Json
    } finally {
      await served.end()
    }
  } finally {
    connection.release()
  }
}

/** What the deadman of a host needs to run a script by itself: a line for the shell, with its folder as `$top`. */
export async function scriptForDeadman(
  ctx: OperationContext,
  inputs: JsonObject,
): Promise<Pick<HostScript, 'files' | 'line'>> {
  const request = readInputs(inputs)
  const { files, line } = await prepare(ctx, request)
  const { TMPDIR: _ours, ...variables } = buildEnvironment({
    own: {},
    variables: request.variables,
    env: request.env,
    proxy: undefined,
  })
  const exports = Object.entries(variables)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]) => `export ${name}=${quoteWord(value)}`)
  const { cwd } = request.process
  const folder = cwd === undefined ? '' : `cd ${quoteWord(cwd)} 2>/dev/null\n`
  return {
    files: { ...files, 'bin/ctx': Buffer.from(loneCtxCommand) },
    line: `${[...exports, hostPaths].join('\n')}\n${folder}${line}`,
  }
}

/** Reads the script here, where it is known what runs it, and says it for the host. */
async function prepare(ctx: OperationContext, { origin, process: options }: ScriptRequest): Promise<HostScript> {
  const workspace = await openWorkspace()
  try {
    const { name, text } =
      'path' in origin ? { name: origin.path, text: undefined } : await inlineName(origin.source, {})
    const copy =
      text === undefined
        ? await workspace.addFile(await ctx.blueprintFile(name), basename(name))
        : await workspace.addSource(name, text)
    const { words, isPython } = await chooseCommand({
      script: copy,
      prefix: options.command_prefix,
      asPython: options.eval_python === true,
      runner: workspace.pythonRunner,
    })
    const there = new Map([
      [copy, `script/${basename(copy)}`],
      [workspace.pythonRunner, 'python/run_script.py'],
    ])
    const spelt = words.map((word) =>
      there.has(word) ? `"$top"/${quoteWord(there.get(word) ?? '')}` : quoteWord(word),
    )
    const args = (options.args ?? []).map(String)
    return {
      files: {
        'bin/ctx': Buffer.from(ctxCommand),
        'bin/ctx-sh': await readFile(join(workspace.bin, 'ctx-sh')),
        [`script/${basename(copy)}`]: await readFile(copy),
        ...(isPython ? await pythonFiles(workspace.python) : {}),
      },
      line: `${spelt.join(' ')} ${quoteCommand(args)} </dev/null`,
      spoken: [...(options.command_prefix ? [options.command_prefix] : []), name, ...args].join(' '),
    }
  } finally {
    await workspace.remove()
  }
}

async function pythonFiles(folder: string): Promise<Record<string, Uint8Array>> {
  const entries = await readdir(folder, { recursive: true })
  const sources = entries.filter((entry) => entry.endsWith('.py'))
  return Object.fromEntries(
    await Promise.all(sources.map(async (path) => [`python/${path}`, await readFile(join(folder, path))] as const)),
  )
}

interface Place {
  readonly connection: Connection
  readonly settings: HostSettings
}

/** Resolves once the script's folder is there, and answers until `end`. */
async function serve(
  ctx: OperationContext,
  { connection, settings }: Place,
  script: HostScript,
  handlers: ProxyHandlers,
): Promise<{ readonly top: string; end(): Promise<void> }> {
  let rest = ''
  let tellTop: (top: string) => void = () => {}
  const topTold = new Promise<string>((resolve_) => (tellTop = resolve_))
  let top: string | undefined
  const take = (line: string): void => {
    if (top === undefined) return tellTop((top = line))
    const question = parseQuestion(line)
    const folder = top
    if (!question) return
    void answerQuestion(question, handlers)
      .then((answer) => runScript(ctx, connection, settings, answerScript(folder, question.id, answer)))
      .catch((problem: unknown) => ctx.log.debug(`A question of the script was not answered: ${String(problem)}`))
  }
  const over = new AbortController()
  const ended = connection.exec(['sh', '-s'], {
    signal: over.signal,
    stdin: serveScript(script.files),
    outputLimit: 4096,
    onOutput(stream, text) {
      if (stream === 'stderr') return
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(take)
    },
    ...(settings.sudo ? { sudo: settings.sudo } : {}),
  })
  const failed = ended.then(({ stderr, code }) => {
    const reason = stderr.toString('utf8').trim() || `exit code ${code}`
    throw fault('script.no_workspace', { details: { folder: settings.target.host, reason } })
  })
  failed.catch(() => {})
  return {
    top: await Promise.race([topTold, failed]),
    async end() {
      const inTime = new AbortController()
      const late = ctx.world.clock.sleep(5000, inTime.signal).then(
        () => over.abort(new Error('it did not end')),
        () => {},
      )
      const own = { signal: new AbortController().signal }
      await runScript(own, connection, settings, endScript(top ?? ''), { timeout: 5000 }).catch(() => over.abort())
      await Promise.race([ended.catch(() => undefined), late])
      inTime.abort()
    },
  }
}

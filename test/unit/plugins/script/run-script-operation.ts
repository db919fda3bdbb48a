// Runs the plugin's operation as the engine would, and collects what came of it.
import { Fault } from '../../../../src/kernel/fault.ts'
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'
import plugin from '../../../../src/plugins/script/plugin.ts'
import { operationContext, type OperationContextOptions, type TestContext } from '../../../support/operation-context.ts'

export interface ScriptRun {
  readonly ctx: TestContext
  readonly result: Json | undefined
  /** The fault the operation ended with. */
  readonly fault: Fault | undefined
  /** Log lines without the debug ones. */
  readonly lines: readonly string[]
}

/** Everything but a fault is thrown on: a test must not take a crash for a refusal. */
export async function runOperation(options: OperationContextOptions, inputs: JsonObject): Promise<ScriptRun> {
  const ctx = operationContext(options)
  try {
    const result = await callScript(ctx, inputs)
    return { ctx, result, fault: undefined, lines: visible(ctx) }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return { ctx, result: undefined, fault: thrown, lines: visible(ctx) }
  } finally {
    await ctx.cleanUp()
  }
}

/** Runs a shell script of these lines. */
export function runShell(
  script: string,
  options: OperationContextOptions = {},
  inputs: JsonObject = {},
): Promise<ScriptRun> {
  const files = { ...options.files, 'scripts/main.sh': script }
  return runOperation({ ...options, files }, { script_path: 'scripts/main.sh', ...inputs })
}

export async function callScript(ctx: TestContext, inputs: JsonObject): Promise<Json> {
  const operation = plugin.operations['script_runner.tasks.run']
  if (operation?.kind !== 'run') throw new Error('the operation is of another kind')
  return (await operation.run(ctx, inputs)) ?? null
}

function visible(ctx: TestContext): readonly string[] {
  return ctx.lines.filter((line) => !line.startsWith('DEBUG'))
}

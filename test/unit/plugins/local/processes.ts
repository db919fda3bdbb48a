// Real processes for the tests of the local plugin: contexts that share one state, and waiting for what a process does.
import { readFileSync } from 'node:fs'
import type { Json } from '../../../../src/kernel/json.ts'
import type { OperationDetails } from '../../../../src/plugins/contract/context.ts'
import type { PluginOperation } from '../../../../src/plugins/contract/operation.ts'
import { processStop } from '../../../../src/plugins/local/operations/process-stop.ts'
import { operationContext, type TestContext } from '../../../support/operation-context.ts'

/** A program that counts in a file a few hundred times a second. `$COUNT` names the file. */
export const counter = 'n=0; while :; do n=$((n+1)); echo $n >> "$COUNT"; sleep 0.005; done'

/** One process instance; every call of `at` is another attempt or operation on it. */
export interface ProcessUnderTest {
  readonly ctx: TestContext
  at(operation: Partial<OperationDetails>): TestContext
  run(operation: PluginOperation, details?: Partial<OperationDetails>): Promise<Json | void>
  cleanUp(): Promise<void>
}

export function processUnderTest(properties: Readonly<Record<string, Json>>): ProcessUnderTest {
  const ctx = operationContext({ node: { id: 'writer', properties } })
  const key = `${ctx.folder}/start`
  const at = (operation: Partial<OperationDetails>): TestContext => ({
    ...ctx,
    operation: { ...ctx.operation, key, ...operation },
    once: async ({ lookUp, create }) =>
      (operation.inDoubt ? await lookUp(operation.key ?? key) : undefined) ?? create(operation.key ?? key),
  })
  return {
    ctx,
    at,
    run: (operation, details = {}) => perform(operation, at(details)),
    async cleanUp() {
      await perform(processStop, at({}))
      await ctx.cleanUp()
    },
  }
}

export async function perform(operation: PluginOperation, ctx: TestContext, inputs = {}): Promise<Json | void> {
  if (operation.kind === 'run') return operation.run(ctx, inputs)
  if (operation.kind === 'freeze') return operation.freeze(ctx, inputs)
  if (operation.kind === 'thaw') return operation.thaw(ctx, inputs)
  throw new Error('a cut has two halves; call them by name')
}

/** Nothing waited for here takes this long unless something is broken. */
const patience = 30_000

/** Polls a state of the outside until it holds. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + patience
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

export const linesIn = (path: string): number => textOf(path).split('\n').length - 1

export function stateOf(pid: number): string {
  const text = textOf(`/proc/${pid}/stat`)
  return text[text.lastIndexOf(')') + 2] ?? 'gone'
}

// Runs fs_finalize in the engine's place, with `ctx` served from the snapshot.
import { existsSync } from 'node:fs'
import { asFault } from '../../../kernel/fault.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { realWorld } from '../../../world/real-world.ts'
import type { OperationContext, OperationLog } from '../../contract/context.ts'
import { runChild } from '../child.ts'
import { Outcome } from '../outcome.ts'
import { contextTree } from '../proxy/context-tree.ts'
import { resolve } from '../proxy/resolve.ts'
import { startProxy } from '../proxy/server.ts'
import { scriptOutput } from '../script-output.ts'
import { releaseTurn, seizeTurn, turnVariable, type Turn } from '../turn.ts'
import { changesBetween, writeReport, type Report } from './report.ts'
import type { ScriptGuardRequest } from './request.ts'
import { currentProperties, snapshotContext } from './snapshot.ts'

const attempts = 3
const pause = 500
const world = realWorld()

/** Never rejects. Resolves with what the marker shall say. */
export async function finalize(request: ScriptGuardRequest, marker: string): Promise<string> {
  const turn = await seizeTurn(world, request.turnPath).catch(() => undefined)
  const runtimeProperties = currentProperties(request.parcel, request.snapshot)
  const before = structuredClone(runtimeProperties)
  const lines: Report['lines'][number][] = []
  const giveUp = AbortSignal.timeout(request.patience)
  const ctx = snapshotContext(request.snapshot, {
    world,
    signal: giveUp,
    runtimeProperties,
    log: logTo(lines),
  })
  let end: Attempt = { failure: 'it was not run', exitCode: null, output: '' }
  for (let attempt = 1; attempt <= attempts && end.failure !== null && !giveUp.aborted; attempt += 1) {
    if (attempt > 1) await world.clock.sleep(pause)
    end = await run(request, ctx, turn).catch((thrown: unknown) => failed(thrown))
  }
  writeReport(marker, { ...end, lines, changes: changesBetween(before, runtimeProperties) })
  if (turn) releaseTurn(request.turnPath, turn)
  return end.failure === null ? 'fs_finalize ran' : `fs_finalize failed: ${end.failure.slice(0, 300)}`
}

type Attempt = Pick<Report, 'failure' | 'exitCode' | 'output'>

function failed(thrown: unknown): Attempt {
  return { failure: asFault(thrown).message, exitCode: null, output: '' }
}

async function run(request: ScriptGuardRequest, ctx: OperationContext, turn: Turn | undefined): Promise<Attempt> {
  const { command, variables } = request
  const outcome = new Outcome()
  const tree = contextTree(ctx, outcome, variables)
  const handlers = {
    command: (words: readonly Json[]) => resolve(tree, words),
    raised: (exception: JsonObject) => outcome.raised(exception),
  }
  const proxy = request.process.ctx_proxy_type === 'none' ? undefined : await startProxy(world, handlers)
  const output = scriptOutput(ctx.log, request.process)
  try {
    const end = await runChild(command.words, {
      ...output,
      // A folder that is gone must not keep a thaw from happening.
      cwd: existsSync(command.cwd) ? command.cwd : '/',
      env: {
        ...command.env,
        ...(proxy ? { CTX_SOCKET_URL: proxy.url } : {}),
        ...(turn ? { [turnVariable]: turn.id } : {}),
      },
      signal: ctx.signal,
      world,
    })
    const { stdout, stderr } = output.end()
    return {
      failure: failureOf(() => outcome.settle({ exit: end, command: command.spoken, stdout, stderr })),
      exitCode: end.code,
      output: [stdout, stderr].filter((text) => text !== '').join('\n'),
    }
  } finally {
    await proxy?.close()
  }
}

function failureOf(settle: () => unknown): string | null {
  try {
    settle()
    return null
  } catch (thrown) {
    return asFault(thrown).message
  }
}

function logTo(lines: Report['lines'][number][]): OperationLog {
  const at = (level: keyof OperationLog) => (text: string) => void lines.push({ level, text })
  return { debug: () => {}, info: at('info'), warning: at('warning'), error: at('error') }
}

// The operation `script_runner.tasks.run`: copies the script to a private place, runs it with `ctx` at hand, and turns
// what it said and how it ended into a result or a fault.
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { underGuest } from '../../ssh/deadman/guest-deadman.ts'
import { hostOf } from '../../ssh/host/host-of.ts'
import { runChild } from '../child.ts'
import { inFreezeTurn, type Place } from '../freeze-pair.ts'
import { deadmanOfScripts } from '../host-agent/deadman.ts'
import { runOnHost } from '../host-agent/run-on-host.ts'
import { runsOnHost } from '../host-agent/where.ts'
import { readInputs, type ScriptRequest } from '../inputs.ts'
import { Outcome } from '../outcome.ts'
import { prepareScript } from '../prepare-script.ts'
import { contextTree } from '../proxy/context-tree.ts'
import { resolve } from '../proxy/resolve.ts'
import { startProxy, type CtxProxy } from '../proxy/server.ts'
import { scriptOutput } from '../script-output.ts'
import { openWorkspace } from '../workspace.ts'

export const runScript = operation({
  deadman: deadmanOfScripts,
  async run(ctx, inputs) {
    if (!runsOnHost(ctx)) return inFreezeTurn(ctx, (place) => run(ctx, inputs, place))
    return (await underGuest(ctx, await hostOf(ctx), (mark) => runOnHost(ctx, inputs, mark))) ?? null
  },
})

async function run(ctx: OperationContext, inputs: JsonObject, place: Place): Promise<Json> {
  const request = readInputs(inputs)
  const outcome = new Outcome()
  const workspace = await openWorkspace()
  try {
    const proxy = await openProxy(ctx, request, outcome, place)
    try {
      const prepared = await prepareScript(ctx, request, { workspace, url: proxy?.url, own: process.env })
      const output = scriptOutput(ctx.log, request.process)
      const env = { ...prepared.env, ...place.environment }
      const end = await runChild(prepared.words, { ...prepared, ...output, env, signal: ctx.signal, world: ctx.world })
      const { stdout, stderr } = output.end()
      ctx.log.debug(`Execution done (return_code=${end.code ?? end.signal}): ${prepared.spoken}`)
      return outcome.settle({ exit: end, command: prepared.spoken, stdout, stderr })
    } finally {
      await proxy?.close()
    }
  } finally {
    await workspace.remove().catch((error: Error) => ctx.log.warning(`${workspace.folder} is left: ${error.message}`))
  }
}

async function openProxy(
  ctx: OperationContext,
  request: ScriptRequest,
  outcome: Outcome,
  place: Place,
): Promise<CtxProxy | undefined> {
  if (request.process.ctx_proxy_type === 'none') return undefined
  const tree = contextTree(ctx, outcome, request.variables)
  return startProxy(ctx.world, {
    async command(words) {
      const answer = await resolve(tree, words)
      place.onCommand()
      return answer
    },
    raised: (exception) => outcome.raised(exception),
  })
}
